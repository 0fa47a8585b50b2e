import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { useTempDir } from '@sockflow/test-support';

import { sockflowOk, startSockflow } from './sockflow-command.ts';

/* Takes its time with every batch, and writes down how many events it was given: SIGINT finds it at work. */
const SLOW_SINK = `import { appendFileSync } from 'node:fs';

export default ({ path, ms }) => ({
  name: 'slow',
  accepts: 'batches',
  open() {
    let events = 0;
    return {
      get acknowledged() { return events; },
      failed: 0,
      async write(batch) {
        const size = batch.size;
        await new Promise((resolve) => setTimeout(resolve, Number(ms)));
        events += size;
        appendFileSync(path, size + '\\n');
      },
      flush() {},
      close() { appendFileSync(path, 'closed\\n'); return {}; },
    };
  },
});
`;

interface SlowRun {
  readonly child: ReturnType<typeof startSockflow>;
  readonly log: string;
  readonly stderr: () => string;
  readonly stdout: () => string;
}

async function startSlowReplay(t: TestContext, batchMs: number): Promise<SlowRun> {
  const dir = useTempDir(t);
  const recording = join(dir, 'many.sfrec');
  sockflowOk(['gen', recording, '--size', '64MiB', '--seed', '5']);
  writeFileSync(join(dir, 'slow.mjs'), SLOW_SINK);
  const log = join(dir, 'log');
  const sink = `module:./slow.mjs?path=${log}&ms=${batchMs}`;
  const child = startSockflow(['replay', recording, '--sink', sink, '--json'], { cwd: dir });
  t.after(() => child.kill('SIGKILL'));
  let stderr = '';
  let stdout = '';
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  child.stdout?.on('data', (chunk) => (stdout += chunk));
  while (!existsSync(log)) {
    assert.equal(child.exitCode, null, stderr);
    await sleep(20);
  }
  return { child, log, stderr: () => stderr, stdout: () => stdout };
}

test('the first SIGINT drains: what was read is delivered and accounted for, and the exit code is 130', async (t) => {
  const { child, log, stderr, stdout } = await startSlowReplay(t, 30);
  child.kill('SIGINT');
  const [status] = await once(child, 'close');
  assert.equal(status, 130, stderr());
  assert.match(stderr(), /SIGINT: draining/);
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  assert.equal(lines.at(-1), 'closed');
  const delivered = lines.slice(0, -1).reduce((sum, line) => sum + Number(line), 0);
  const { outcome, ledger } = JSON.parse(stdout());
  assert.equal(outcome, 'stopped');
  const { read, outputs } = ledger.total;
  assert.equal(delivered, read);
  assert.equal(outputs[0].sinks[0].acknowledged, delivered);
});

test('SIGTERM drains too, and the exit code is 143', async (t) => {
  const { child, log } = await startSlowReplay(t, 30);
  child.kill('SIGTERM');
  const [status] = await once(child, 'close');
  assert.equal(status, 143);
  assert.match(readFileSync(log, 'utf8'), /closed\n$/);
});

test('the second SIGINT stops at once', async (t) => {
  const { child, log, stderr } = await startSlowReplay(t, 3000);
  child.kill('SIGINT');
  while (!/draining/.test(stderr())) await sleep(10);
  const startMs = performance.now();
  child.kill('SIGINT');
  const [status] = await once(child, 'close');
  assert.equal(status, 130);
  assert.ok(performance.now() - startMs < 1500, 'it does not wait for the sink');
  assert.doesNotMatch(readFileSync(log, 'utf8'), /closed/);
});
