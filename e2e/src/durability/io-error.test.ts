import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

import { requireTool, useTempDir } from '@sockflow/test-support';

import { SOCKFLOW, sockflowOk, userEnv } from '../cli/sockflow-command.ts';
import { checkWritten, filesOf } from './conditions/written-files.ts';
import { checkFailedRun } from './failed-run.ts';
import { readTimes } from './read-back.ts';

/* No measure of speed: it only ends what hangs. */
const TIMEOUT_MS = 180_000;
const WRITES = 'write,writev,pwrite64,pwritev';

/** The command, of whose system calls to one file one fails: the error is the system's as far as the process can tell, and nothing was done. */
function withFailingCall(path: string, fault: string, args: readonly string[]) {
  const inject = ['-f', '--seccomp-bpf', '-o', '/dev/null', '-P', path, '-e', `inject=${fault}`];
  const run = spawnSync('strace', [...inject, process.execPath, SOCKFLOW, ...args], {
    encoding: 'utf8',
    env: userEnv(),
    timeout: TIMEOUT_MS,
  });
  if (run.error !== undefined) throw run.error;
  return run;
}

test('an I/O error of a write, of fdatasync or of closing is named, the books are right, and every acknowledged event can be read', (t) => {
  if (!requireTool(t, 'strace')) return;
  const recording = join(useTempDir(t), 'in.sfrec');
  sockflowOk(['gen', recording, '--size', '2MiB', '--seed', '4']);
  const expected = readTimes(recording);
  // Each call, each kind of writer (text, recordings, compressed text), each policy.
  const cases: readonly [name: string, fault: string, query: string][] = [
    ['out.ndjson', `${WRITES}:error=EIO:when=3`, 'fsync=never'],
    ['out.sfrec', `${WRITES}:error=EIO:when=3+`, 'fsync=batch'],
    ['out.ndjson.gz', `${WRITES}:error=EIO:when=3+`, 'fsync=interval&flush=10ms'],
    ['out.ndjson', 'fdatasync:error=EIO:when=2', 'fsync=batch'],
    ['out.sfrec', 'fdatasync:error=EIO:when=1', 'fsync=rotate&rotate=300KiB'],
    ['out.ndjson', 'close:error=EIO:when=1', 'fsync=never&rotate=300KiB'],
    ['out.sfrec', 'close:error=EIO:when=1', 'fsync=never&rotate=300KiB'],
  ];
  for (const [name, fault, query] of cases) {
    const dir = useTempDir(t);
    const isSeries = query.includes('rotate=');
    const numbered = name.replace('out', 'out.000002');
    const part = join(dir, `${isSeries ? numbered : name}.part`);
    const given = isSeries ? name.replace('out', 'out.{n}') : name;
    const what = `${name} ${query} ${fault}`;
    const args = ['replay', recording, '--sink', `file:${join(dir, given)}?${query}`, '--json'];
    const run = withFailingCall(part, fault, args);
    const code = /^ERR_SOCKFLOW_SINK_(WRITE|PATH)$/;
    const { acknowledged } = checkFailedRun(run, { code, errno: 'EIO', what });
    checkWritten(filesOf(dir), expected, acknowledged, what);
  }
});
