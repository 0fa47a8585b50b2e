import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { requireTool, useTempDir } from '@sockflow/test-support';

import { LiveCommand, talk, useLoopback } from './live-command.ts';
import { SHELL_ENV, SHELL_PREAMBLE, shellOk, shell } from './shell.ts';
import { REAL_CONTEXT, REAL_RECORDING, SOCKFLOW, sockflowOk, userEnv } from './sockflow-command.ts';

const WRITER = fileURLToPath(new URL('./recording-writer-child.js', import.meta.url));
const REAL_LINES = sockflowOk(['cat', REAL_RECORDING]).stdout;

test('a recording on standard output is a whole one, with the same events', () => {
  for (const script of [
    'cat "$REAL" | sf slice - - | sf convert - - --to recording | sf cat -',
    'sf replay "$REAL" --sink "file:-?encoding=recording&compress=zstd" | sf cat -',
  ]) {
    assert.equal(shellOk(script), REAL_LINES, script);
  }
});

test('it holds to the format', () => {
  for (const script of [
    'sf slice "$REAL" - --connection 1 --lane-groups 4 | sf inspect --verify - --json',
    'sf replay "$REAL" --lanes 2 --sink "file:-?encoding=recording&order=time" | sf inspect --verify - --json',
  ]) {
    const report = JSON.parse(shellOk(script)) as { findingCount: number; path: string };
    assert.equal(report.findingCount, 0, script);
    assert.equal(report.path, 'standard input');
  }
});

test('gen and convert write the bytes that a file would have', (t) => {
  const dir = useTempDir(t);
  for (const command of [
    ['gen', 'OUT', '--connections', '200'],
    ['convert', '--from', 'context-json', REAL_CONTEXT, 'OUT', '--recording-id', '1'.repeat(32)],
  ]) {
    const args = (output: string): string[] =>
      command.map((word) => (word === 'OUT' ? output : word));
    const path = join(dir, `${command[0]}.sfrec`);
    sockflowOk(args(path));
    const piped = spawnSync(process.execPath, [SOCKFLOW, ...args('-')], {
      env: userEnv(),
      timeout: 120_000,
      maxBuffer: 1 << 28,
    });
    assert.equal(piped.status, 0, piped.stderr.toString());
    assert.ok(piped.stdout.equals(readFileSync(path)), command[0]);
  }
});

test('a pipe with a name is written as it is', (t) => {
  if (!requireTool(t, 'mkfifo')) return;
  const fifo = join(useTempDir(t), 'fifo');
  const script = 'mkfifo "$FIFO"; sf slice "$REAL" "$FIFO" & sf cat - < "$FIFO" && wait $!';
  assert.equal(shellOk(script, { FIFO: fifo }), REAL_LINES);
  shellOk('sf gen "$FIFO" --connections 50 & sf inspect --verify - < "$FIFO" && wait $!', {
    FIFO: fifo,
  });
});

test('a run that fails leaves what its reader knows is not the whole', () => {
  const { status, stdout } = shell(
    'head -c 700000 "$REAL" | sf slice - - 2> /dev/null | sf replay - --json',
  );
  assert.equal(status, 3);
  const { ledger } = JSON.parse(stdout) as { ledger: { total: { read: number } } };
  assert.equal(ledger.total.read, 2014);
});

test('events come through two pipes while they are recorded', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = spawn(process.execPath, [WRITER, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => writer.kill('SIGKILL'));
  await once(writer.stdout, 'data');
  const script = `${SHELL_PREAMBLE}; sf replay "$RECORDING" --follow --sink "file:-?encoding=recording" | sf replay - --sink "console:?encoding=ndjson"`;
  const reader = spawn('bash', ['-o', 'pipefail', '-c', script], {
    env: userEnv({ ...SHELL_ENV, RECORDING: path }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => reader.kill('SIGKILL'));
  const times: bigint[] = [];
  let stderr = '';
  reader.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  createInterface(reader.stdout).on('line', (line) => {
    times.push(BigInt((JSON.parse(line) as { tsNs: string }).tsNs));
  });
  const closed = once(reader, 'close');
  // The writer goes on until it is told to end: these are there before.
  while (times.length < 50) await once(reader.stdout, 'data');
  assert.equal(writer.exitCode, null);
  writer.stdin.end();
  const [status] = await closed;
  assert.equal(status, 0, stderr);
  assert.deepEqual(
    times,
    times.map((_, index) => BigInt(index + 1) * 1_000_000n),
  );
});

test('the kernel is recorded into a pipe, and its reader has the events before the end', async (t) => {
  const scene = await useLoopback(t);
  if (scene === undefined) return;
  const command = await LiveCommand.start(t, scene.cgroup, ['record', '-']);
  const reader = spawn(process.execPath, [SOCKFLOW, 'cat', '-'], {
    env: userEnv(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => reader.kill('SIGKILL'));
  command.child.stdout!.pipe(reader.stdin);
  let lines = '';
  reader.stdout.on('data', (chunk: Buffer) => (lines += chunk.toString()));
  const closed = once(reader, 'close');
  const near = await talk(scene.traffic, 3);
  const isThere = (): boolean => lines.includes(`:${near.localPort} `);
  while (!isThere()) await once(reader.stdout, 'data');
  const { status, stderr } = await command.end('SIGINT');
  assert.equal(status, 130, stderr);
  assert.match(stderr, /^recording to standard output/m);
  assert.doesNotMatch(stderr, /sockflow inspect/);
  assert.deepEqual(await closed, [0, null]);
});
