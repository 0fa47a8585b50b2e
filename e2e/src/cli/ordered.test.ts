import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { useTempDir } from '@sockflow/test-support';

import { linkSockflow } from './link-sockflow.ts';
import { assertRefused, sockflow, sockflowOk, startSockflow } from './sockflow-command.ts';

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

/** Whole lines, in order of time. @returns how many */
function assertInOrder(path: string): number {
  const lines = linesOf(path);
  const times = lines.map((line) => BigInt((JSON.parse(line) as { tsNs: string }).tsNs));
  const wrong = times.findIndex((time, index) => index > 0 && time < (times[index - 1] ?? 0n));
  assert.equal(wrong, -1, `line ${wrong} is older than the one before`);
  return lines.length;
}

function record(dir: string, connections: number): string {
  const path = join(dir, 'in.sfrec');
  sockflowOk(['gen', path, '--connections', String(connections), '--lane-groups', '4']);
  return path;
}

test('one file of two lanes, sorted, in place of two parts; standard output as well', (t) => {
  const dir = useTempDir(t);
  const recording = record(dir, 400);
  const sinks = ['--sink', 'file:out.ndjson?order=time', '--sink', 'file:parts.ndjson'];
  const { stderr } = sockflowOk(['replay', recording, '--lanes', '2', ...sinks], { cwd: dir });
  const events = assertInOrder(join(dir, 'out.ndjson'));
  const parts = [0, 1].map((lane) => linesOf(join(dir, `parts.${lane}.ndjson`)).length);
  assert.equal(events, (parts[0] ?? 0) + (parts[1] ?? 0));
  assert.match(stderr, /^ {2}wrote out\.ndjson \(/m);
  const args = ['--sink', 'console:?encoding=csv&order=time', '--fields', 'tsNs,op'];
  const { stdout } = sockflowOk(['replay', recording, '--lanes', '2', ...args]);
  const rows = stdout.split('\r\n').slice(0, -1);
  assert.equal(rows[0], 'tsNs,op');
  assert.equal(rows.length, events + 1);
});

test('where the one writer fails, the run ends with what the destination says', (t) => {
  const dir = useTempDir(t);
  const recording = record(dir, 400);
  const sink = 'file:/dev/full?encoding=ndjson&order=time';
  assertRefused(sockflow(['replay', recording, '--lanes', '3', '--sink', sink]), {
    status: 1,
    code: 'ERR_SOCKFLOW_LANE_FAILED',
    message: /sink ordered\(file\(\/dev\/full\)\), for all lanes failed: .*no space left/,
    place: /\/dev\/full/,
    remedy: /Free space/,
  });
});

/* Does what its parameter says at the second event of lane 1, once there is something to lose. */
const FAULTY = `import { statSync } from 'node:fs';
import { definePipeline, file, laneOf, ordered, replay, where } from 'sockflow';

export default definePipeline(({ recording, out, fault }) => ({
  source: replay(recording),
  events: (batches) => batches.pipe(
    where((event) => {
      if (laneOf(event.laneKey, 2) === 1 && event.tsNs > 1_802_000_000_000n) {
        if (fault === 'throws') throw new RangeError('this one is too much');
        process.exit(7);
      }
      return true;
    }),
  ),
  sinks: [ordered(file(out, { flushAfterMs: 20 }))],
}));
`;

for (const [fault, code] of [
  ['throws', 'ERR_SOCKFLOW_LANE_FAILED'],
  ['exits', 'ERR_SOCKFLOW_LANE_DIED'],
] as const) {
  test(`where a lane ${fault}, what was accepted is in the .part, in order, and nothing has the final name`, (t) => {
    const dir = useTempDir(t);
    linkSockflow(dir);
    const recording = record(dir, 400);
    writeFileSync(join(dir, 'faulty.mjs'), FAULTY);
    const out = join(dir, 'out.ndjson');
    const params = ['--param', `recording=${recording}`, '--param', `out=${out}`];
    const args = ['run', join(dir, 'faulty.mjs'), '--lanes', '2', ...params];
    assertRefused(sockflow([...args, '--param', `fault=${fault}`]), {
      status: 1,
      code,
      message: /lane 1/,
      place: /lane 1/,
      remedy: /\S/,
    });
    assert.equal(existsSync(out), false);
    assertInOrder(`${out}.part`);
  });
}

/** A replay at the pace of the recording, which writes already. */
async function startPaced(t: TestContext, dir: string): Promise<ReturnType<typeof startSockflow>> {
  const recording = record(dir, 300);
  const sink = 'file:out.ndjson?order=time&flush=20ms';
  const args = ['replay', recording, '--speed', '0.5', '--lanes', '2', '--sink', sink, '--json'];
  const child = startSockflow(args, { cwd: dir });
  t.after(() => child.kill('SIGKILL'));
  const part = join(dir, 'out.ndjson.part');
  while ((statSync(part, { throwIfNoEntry: false })?.size ?? 0) === 0) {
    assert.equal(child.exitCode, null);
    await sleep(20);
  }
  return child;
}

test('the first SIGINT drains: all that was read is in the one file, which is complete', async (t) => {
  const dir = useTempDir(t);
  const child = await startPaced(t, dir);
  let stdout = '';
  child.stdout?.on('data', (chunk) => (stdout += chunk));
  child.kill('SIGINT');
  const [status] = await once(child, 'close');
  assert.equal(status, 130);
  const { outcome, ledger } = JSON.parse(stdout);
  assert.equal(outcome, 'stopped');
  assert.equal(assertInOrder(join(dir, 'out.ndjson')), ledger.total.read);
  assert.equal(ledger.total.outputs[0].sinks[0].acknowledged, ledger.total.read);
});

test('killed at any moment, it leaves whole lines in order in the .part', async (t) => {
  const dir = useTempDir(t);
  const child = await startPaced(t, dir);
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.deepEqual(
    readdirSync(dir).filter((name) => name.startsWith('out')),
    ['out.ndjson.part'],
  );
  assert.ok(assertInOrder(join(dir, 'out.ndjson.part')) > 0);
});
