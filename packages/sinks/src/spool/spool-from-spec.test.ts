import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { loadSink } from '../load-sink.ts';

test('any sink that is text may have a spool', async (t) => {
  const directory = join(useTempDir(t), 'spool');
  const options = 'spool-max=1GiB&spool-full=fail&spool-keep=1MiB&spool-lag=0s&spool-close=1s';
  const sink = await loadSink(`memory:?maxItems=5&spool=${directory}&${options}`);
  assert.equal(sink.name, 'spool(memory)');
  await sink.prepare?.({ lanes: 1 });
  assert.ok(existsSync(directory));
  const series = await loadSink(`file:out.ndjson?rotate=1MiB&spool=${directory}`);
  assert.match(series.name, /^spool\(file\(/);
  assert.ok(series.otherTargets?.includes(directory));
});

test('what means nothing without a spool, or to a spool, is refused', async () => {
  const refused = { code: 'ERR_SOCKFLOW_INVALID_OPTION' };
  await assert.rejects(loadSink('memory:?spool-max=1GiB'), refused);
  await assert.rejects(loadSink('memory:?spool='), refused);
  await assert.rejects(loadSink('memory:?spool=x&spool-max=much'), refused);
  await assert.rejects(loadSink('memory:?spool=x&spool-full=maybe'), refused);
  await assert.rejects(loadSink('out.ndjson?spool=x'), refused);
});
