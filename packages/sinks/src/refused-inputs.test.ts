import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { file } from './file/file.ts';
import { loadSink } from './load-sink.ts';
import { memory } from './memory/memory.ts';
import { ordered } from './ordered/ordered.ts';

const CONTEXT = { lane: 0, lanes: 1 };

test('what a memory sink has no room for is counted as failed', async () => {
  const writer = await memory({ maxItems: 1 }).open(CONTEXT);
  await writer.write('kept');
  assert.throws(() => writer.write('too much'), { code: 'ERR_SOCKFLOW_SINK_FULL' });
  assert.deepEqual([writer.acknowledged, writer.failed], [1, 1]);
});

test('a value that a recording refuses is counted as failed', async (t) => {
  const sink = file(join(useTempDir(t), 'out.sfrec'));
  await sink.prepare?.({ lanes: 1 });
  const writer = await sink.open(CONTEXT);
  assert.throws(() => writer.write({ some: 'value' }), { code: 'ERR_SOCKFLOW_SINK_INPUT' });
  await writer.close();
  assert.deepEqual([writer.acknowledged, writer.failed], [0, 1]);
});

test('a file that waits for its file system is refused an order, in code as by text', async () => {
  const expected = { code: 'ERR_SOCKFLOW_INVALID_OPTION', message: /wait for ever/ };
  assert.throws(() => ordered(file('out.ndjson', { onError: 'wait' })), expected);
  await assert.rejects(loadSink('file:out.ndjson?order=time&on-error=wait'), expected);
  assert.ok(ordered(file('out.ndjson', { onError: 'stop' })));
});
