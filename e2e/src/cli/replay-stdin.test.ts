import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { assertRefused, REAL_RECORDING, SOCKFLOW, sockflow, userEnv } from './sockflow-command.ts';

const NODE = process.execPath;
const EVENTS = 3595;

function shell(script: string): ReturnType<typeof spawnSync> & { stdout: string; stderr: string } {
  return spawnSync('bash', ['-o', 'pipefail', '-c', script], {
    encoding: 'utf8',
    env: userEnv({ NODE, SOCKFLOW, REAL: REAL_RECORDING }),
    timeout: 120_000,
    maxBuffer: 1 << 28,
  });
}

function read(stdout: string): number {
  return (JSON.parse(stdout) as { ledger: { total: { read: number } } }).ledger.total.read;
}

test('a recording out of a pipe, or put there by the shell, gives the same events in any number of lanes', () => {
  for (const script of [
    'cat "$REAL" | "$NODE" "$SOCKFLOW" replay - --json',
    'cat "$REAL" | "$NODE" "$SOCKFLOW" replay - --lanes 3 --json',
    '"$NODE" "$SOCKFLOW" replay - --lanes 2 --json < "$REAL"',
  ]) {
    const { status, stdout, stderr } = shell(script);
    assert.equal(status, 0, stderr);
    assert.equal(read(stdout), EVENTS);
  }
});

test('events come before the pipe ends', async (t) => {
  const sink = 'console:?encoding=ndjson';
  const child = spawn(NODE, [SOCKFLOW, 'replay', '-', '--sink', sink], { env: userEnv() });
  t.after(() => child.kill('SIGKILL'));
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const bytes = readFileSync(REAL_RECORDING);
  child.stdin.write(bytes.subarray(0, 700_000));
  while (stdout.split('\n').length <= 2014) await once(child.stdout, 'data');
  child.stdin.end(bytes.subarray(700_000));
  const [status] = await once(child, 'close');
  assert.equal(status, 0);
  assert.equal(stdout.trimEnd().split('\n').length, EVENTS);
});

test('a pipe that was cut gives its whole blocks, and an error', () => {
  const { status, stdout, stderr } = shell(
    'head -c 700000 "$REAL" | "$NODE" "$SOCKFLOW" replay - --json',
  );
  assert.equal(status, 3, stderr);
  assert.equal(read(stdout), 2014);
  assert.match(stderr, /error ERR_SOCKFLOW_RECORDING_DAMAGED: .*standard input.*without its end/);
  const tolerated = shell(
    'head -c 700000 "$REAL" | "$NODE" "$SOCKFLOW" replay - --tolerate-damage --json',
  );
  assert.equal(tolerated.status, 0, tolerated.stderr);
});

test('who reads the output may go', () => {
  const { status, stdout, stderr } = shell(
    'cat "$REAL" | "$NODE" "$SOCKFLOW" replay - --sink "console:?encoding=ndjson" | head -n 1',
  );
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trimEnd().split('\n').length, 1);
});

test('what is no recording is refused', () => {
  for (const [input, code] of [
    ['', 'ERR_SOCKFLOW_RECORDING_EMPTY'],
    ['{"op":3}\n', 'ERR_SOCKFLOW_NOT_A_RECORDING'],
    ['x'.repeat(30_000), 'ERR_SOCKFLOW_NOT_A_RECORDING'],
  ] as const) {
    assertRefused(sockflow(['replay', '-'], { input }), {
      status: 3,
      code,
      place: /standard input/,
      remedy: /\S/,
    });
  }
});

test('times that count from the first event, and a pace, need a file', () => {
  for (const option of [
    ['--from', '1s'],
    ['--speed', '1'],
  ]) {
    assertRefused(sockflow(['replay', '-', ...option]), {
      status: 2,
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
      place: /\S/,
      remedy: /file/,
    });
  }
});
