import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { skipTest, useTempDir } from '@sockflow/test-support';

import { sockflow, sockflowOk, startSockflow } from '../cli/sockflow-command.ts';
import { readTimes } from './read-back.ts';

const NAMES = ['out.ndjson', 'out.sfrec', 'out.ndjson.gz'];
const POLICIES = ['never', 'rotate', 'interval', 'batch'];

/** A file system of 1 MiB, unmounted when the test ends; `undefined` where this machine lets nobody mount one. */
function smallFileSystem(t: TestContext): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'sockflow-full-'));
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]);
  t.after(() => {
    if (mount.status === 0) spawnSync('umount', [dir]);
    rmSync(dir, { recursive: true, force: true });
  });
  if (mount.status === 0) return dir;
  skipTest(t, 'needs to mount a small tmpfs (root)');
  return undefined;
}

function empty(dir: string): void {
  for (const name of readdirSync(dir)) rmSync(join(dir, name));
}

interface Counts {
  readonly given: number;
  readonly acknowledged: number;
  readonly failed: number;
}

function countsOf(stdout: string): Counts {
  const { ledger } = JSON.parse(stdout) as {
    ledger: { total: { outputs: { sinks: Counts[] }[] } };
  };
  const counts = ledger.total.outputs[0]?.sinks[0];
  assert.ok(counts !== undefined);
  return counts;
}

test('a full disk is named, the books are right, and every acknowledged event can be read, as one file or a series, under every policy', (t) => {
  const dir = smallFileSystem(t);
  if (dir === undefined) return;
  const recording = join(useTempDir(t), 'in.sfrec');
  sockflowOk(['gen', recording, '--size', '8MiB', '--seed', '4']);
  const expected = readTimes(recording);
  for (const name of NAMES) {
    for (const [index, fsync] of POLICIES.entries()) {
      empty(dir);
      const rotate = index % 2 === 0 ? 'rotate=150KiB&' : '';
      const what = `${name} ${rotate}${fsync}`;
      const sink = `file:${join(dir, name)}?${rotate}fsync=${fsync}${fsync === 'interval' ? '&flush=20ms' : ''}`;
      const run = sockflow(['replay', recording, '--sink', sink, '--json']);
      assert.notEqual(run.status, 0, what);
      assert.match(run.stderr, /ENOSPC/, what);
      const { given, acknowledged, failed } = countsOf(run.stdout);
      assert.equal(acknowledged + failed, given, what);
      assert.ok(acknowledged > 500, `${what}: ${acknowledged} acknowledged`);
      const files = readdirSync(dir).toSorted();
      const times: bigint[] = files.flatMap((found) => readTimes(join(dir, found)));
      assert.ok(times.length >= acknowledged, `${what}: ${times.length} readable`);
      assert.deepEqual(times, expected.slice(0, times.length), what);
      const unfinished = files.filter((found) => found.endsWith('.part'));
      assert.ok(unfinished.length <= 1 && (rotate !== '' || files.length === 1), String(files));
    }
  }
});

test('a series that keeps less than the disk holds never fills it', (t) => {
  const dir = smallFileSystem(t);
  if (dir === undefined) return;
  const recording = join(useTempDir(t), 'in.sfrec');
  sockflowOk(['gen', recording, '--size', '4MiB', '--seed', '4']);
  const last = readTimes(recording).at(-1);
  for (const name of ['out.ndjson', 'out.sfrec']) {
    empty(dir);
    sockflowOk(['replay', recording, '--sink', `file:${join(dir, name)}?rotate=50KiB&keep=200KiB`]);
    const files = readdirSync(dir).toSorted();
    assert.ok(files.every((found) => !found.endsWith('.part')));
    assert.equal(readTimes(join(dir, files.at(-1) ?? '')).at(-1), last, 'the newest stay');
  }
});

test('a folder that is removed while it is written ends the run with an error that says so', async (t) => {
  const root = useTempDir(t);
  const recording = join(root, 'in.sfrec');
  sockflowOk(['gen', recording, '--size', '32MiB', '--seed', '4']);
  for (const name of NAMES) {
    const dir = join(root, `folder-of-${name}`);
    mkdirSync(dir);
    const sink = `file:${join(dir, name)}?rotate=1MiB`;
    const child = startSockflow(['replay', recording, '--sink', sink, '--json']);
    t.after(() => child.kill('SIGKILL'));
    let stderr = '';
    let stdout = '';
    child.stderr?.on('data', (chunk) => (stderr += chunk));
    child.stdout?.on('data', (chunk) => (stdout += chunk));
    const closed = once(child, 'close');
    while (readdirSync(dir).length < 2) {
      assert.equal(child.exitCode, null, stderr);
      await sleep(2);
    }
    rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
    const [status] = await closed;
    assert.notEqual(status, 0, name);
    assert.match(stderr, /was removed while it was written|folder does not exist|ENOENT/, name);
    const { given, acknowledged, failed } = countsOf(stdout);
    assert.equal(acknowledged + failed, given, name);
  }
});
