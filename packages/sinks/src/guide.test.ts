import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { filterOp, Op } from '@sockflow/core';
import { fromReplay } from '@sockflow/source-replay';
import { useTempDir } from '@sockflow/test-support';

import { loadSink } from './load-sink.ts';
import { realEvents, realRecording } from './real-recording.test.support.ts';
import { writeTo } from './write-to.ts';

const GUIDE = new URL('../../../docs/guides/write-a-sink.md', import.meta.url);

test('the sink of the guide counts real events and sends the counts', async (t) => {
  const dir = useTempDir(t);
  const [, code] = /```js\n([^]*?)```/.exec(readFileSync(GUIDE, 'utf8')) ?? [];
  writeFileSync(join(dir, 'statsd-sink.mjs'), code ?? '');
  const recording = join(dir, 'in.sfrec');
  realRecording(recording);
  const server = createSocket('udp4');
  t.after(() => server.close());
  const retransmits = realEvents().filter((event) => 'op' in event && event.op === 9).length;
  let counted = 0;
  server.on('message', (message) => {
    for (const line of message.toString().split('\n'))
      counted += Number(/^edge\.op\.9:(\d+)\|c$/.exec(line)?.[1]);
    if (counted === retransmits) server.emit('all');
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const sink = await loadSink(
    `module:./statsd-sink.mjs?prefix=edge&port=${server.address().port}`,
    { baseDir: dir },
  );
  const report = await writeTo(fromReplay(recording).pipe(filterOp(Op.RETRANS_CB)), sink);
  assert.ok(retransmits > 0);
  assert.deepEqual([report.given, report.acknowledged], [retransmits, retransmits]);
  if (counted < retransmits) await once(server, 'all', { signal: AbortSignal.timeout(5000) });
  assert.equal(counted, retransmits);
});
