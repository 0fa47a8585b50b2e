import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

import { useTempDir } from '@sockflow/test-support';

import {
  REAL_CONTEXT,
  REAL_RECORDING,
  SOCKFLOW,
  sockflow,
  sockflowOk,
  startSockflow,
  userEnv,
} from './sockflow-command.ts';

/* A socket's or a pipe's buffers hold some 200 KiB. */
const FITS_BETWEEN_BYTES = 1 << 21;

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
        appendFileSync(path, '');
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
  const { child, log, stderr } = await startSlowReplay(t, 120_000);
  child.kill('SIGINT');
  while (!/draining/.test(stderr())) await sleep(10);
  const startMs = performance.now();
  child.kill('SIGINT');
  const [status] = await once(child, 'close');
  assert.equal(status, 130);
  assert.ok(performance.now() - startMs < 60_000, 'it does not wait for the sink');
  assert.doesNotMatch(readFileSync(log, 'utf8'), /closed/);
});

test('an interrupted conversion that waits for its input ends at once, and what came before is a recording', async (t) => {
  const dir = useTempDir(t);
  const lines = gunzipSync(readFileSync(REAL_CONTEXT)).toString('utf8').split('\n').slice(0, 10);
  const args = ['convert', '--from', 'context-json', '-', 'out.sfrec'];
  const child = spawn(process.execPath, [SOCKFLOW, ...args], { cwd: dir, env: userEnv() });
  t.after(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  child.stdin.write(`${lines.join('\n')}\n`);
  // It has read them once it has taken more, of what means nothing, than fits between two processes.
  await new Promise((resolve) => child.stdin.write('\n'.repeat(FITS_BETWEEN_BYTES), resolve));
  child.kill('SIGINT');
  const [status] = await once(child, 'exit');
  assert.equal(status, 130, stderr);
  const inspected = sockflowOk(['inspect', join(dir, 'out.sfrec'), '--json']);
  assert.equal(JSON.parse(inspected.stdout).events, lines.length);
});

test('an interrupted generation leaves a whole recording', async (t) => {
  const dir = useTempDir(t);
  const child = startSockflow(['gen', 'out.sfrec', '--size', '8GiB'], { cwd: dir });
  t.after(() => child.kill('SIGKILL'));
  const part = join(dir, 'out.sfrec.part');
  while (!existsSync(part) || statSync(part).size < 1 << 20) await sleep(20);
  child.kill('SIGINT');
  const [status] = await once(child, 'exit');
  assert.equal(status, 130);
  const inspected = sockflowOk(['inspect', join(dir, 'out.sfrec'), '--json']);
  assert.ok(JSON.parse(inspected.stdout).events > 1000);
});

/*
 * Sends the signal once, as soon as anybody listens to it. Node 20 takes it while modules are still loaded, long before a run begins; Node 24 loads them all in one turn
 * of the event loop, and takes it when the run has just begun.
 */
const SIGNAL_AT_ONCE = `const name = process.env.SENT_SIGNAL;
let isSent = false;
process.on('newListener', (event) => {
  if (event !== name || isSent) return;
  isSent = true;
  setImmediate(() => process.kill(process.pid, name));
});
`;

test('a signal in the first moment ends the command with the exit code of the signal, on whatever it falls', (t) => {
  const dir = useTempDir(t);
  writeFileSync(join(dir, 'preload.cjs'), SIGNAL_AT_ONCE);
  const args = ['replay', REAL_RECORDING, '--sink', 'file:out.ndjson'];
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const env = { NODE_OPTIONS: `--require ${join(dir, 'preload.cjs')}`, SENT_SIGNAL: signal };
    const ended = sockflow(args, { cwd: dir, env });
    assert.deepEqual([ended.status, ended.signal], [code, null], ended.stderr);
    // Where it says nothing, nothing was begun.
    if (ended.stderr === '') assert.equal(existsSync(join(dir, 'out.ndjson')), false);
    else assert.match(ended.stderr, new RegExp(`^${signal}: draining what was read`));
  }
});
