import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { useTempDir } from '@sockflow/test-support';

import { sockflowOk, startSockflow } from './sockflow-command.ts';

const RECORDING = '320MiB';
/** Node, two threads and what a lane holds; far below what the recording has. */
const MAX_RSS_MIB = 260;
const WATCH_MS = 2500;
const LEAST_BATCHES = 20;

/* Keeps a lane waiting after each batch, so that whoever does not wait piles up. */
const SLOW_SINK = `import { appendFileSync } from 'node:fs';

export default ({ path }) => ({
  name: 'slow',
  accepts: 'batches',
  open() {
    let events = 0;
    return {
      get acknowledged() { return events; },
      failed: 0,
      async write(batch) {
        const { size } = batch;
        await new Promise((resolve) => setTimeout(resolve, 15));
        events += size;
        appendFileSync(path, size + '\\n');
      },
      flush() {},
      close() { return {}; },
    };
  },
});
`;

function residentMib(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}

test('memory stays flat while a sink is slower than its recording, of which it holds a small part', async (t) => {
  const dir = useTempDir(t);
  const recording = join(dir, 'large.sfrec');
  sockflowOk(['gen', recording, '--size', RECORDING, '--seed', '6']);
  writeFileSync(join(dir, 'slow.mjs'), SLOW_SINK);
  const log = join(dir, 'log');
  const child = startSockflow(['replay', recording, '--sink', `module:./slow.mjs?path=${log}`], {
    cwd: dir,
  });
  t.after(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  child.stdout?.resume();
  while (!existsSync(log)) {
    assert.equal(child.exitCode, null, stderr);
    await sleep(20);
  }
  const pid = child.pid ?? 0;
  let mostMib = 0;
  const batches = (): number => readFileSync(log, 'utf8').trimEnd().split('\n').length;
  const end = performance.now() + WATCH_MS;
  while (performance.now() < end || batches() <= LEAST_BATCHES) {
    assert.equal(child.exitCode, null, `it should still be at work: ${stderr}`);
    mostMib = Math.max(mostMib, residentMib(pid));
    await sleep(50);
  }
  child.kill('SIGINT');
  assert.deepEqual((await once(child, 'close'))[0], 130, stderr);
  assert.ok(mostMib < MAX_RSS_MIB, `${Math.round(mostMib)} MiB of a recording of ${RECORDING}`);
});
