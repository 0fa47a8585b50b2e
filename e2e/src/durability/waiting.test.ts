import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { sockflow } from '../cli/sockflow-command.ts';
import { makeBlocksRecording } from './conditions/blocks-recording.ts';
import { checkAllWritten, filesOf } from './conditions/written-files.ts';
import { runWithOwnMounts } from './own-mounts.ts';
import { readTimes } from './read-back.ts';
import { RunningCommand } from './running-command.ts';
import { checkWaitedRun, WAIT } from './waited-run.ts';

const PAUSE_MS = 40;

test('a run that waits for room goes on once there is some: every event is written once', (t) => {
  runWithOwnMounts(t, 'full-disk-again');
});

test('a run that waits for a read-only file system goes on once it is writable', (t) => {
  runWithOwnMounts(t, 'read-only-again');
});

test('after a failed fdatasync a run that waits writes anew what was not acknowledged', (t) => {
  runWithOwnMounts(t, 'failing-device-again');
});

test('a run that waits ends with the error when it is stopped, or gives up', (t) => {
  runWithOwnMounts(t, 'stopped-waiting');
});

test('a run whose folder is moved away waits, and goes on once there is one again', async (t) => {
  const root = useTempDir(t);
  const recording = await makeBlocksRecording(root, '2MiB');
  const expected = readTimes(recording);
  for (const name of ['out.ndjson', 'out.sfrec']) {
    const [folder, away] = [join(root, name), join(root, `${name}-away`)];
    mkdirSync(folder);
    const sink = `file:${join(folder, name)}?every=20ms&flush=20ms&${WAIT}`;
    const run = RunningCommand.trickle(recording, sink, PAUSE_MS);
    t.after(() => run.child.kill('SIGKILL'));
    await run.until(() => filesOf(folder).length >= 2);
    renameSync(folder, away);
    await run.until(() => run.stderr.includes('waits and tries again'));
    mkdirSync(folder);
    checkWaitedRun(await run.ended(), name);
    // A part that was open went away with the folder, under its unfinished name.
    const files = [...filesOf(away), ...filesOf(folder)];
    checkAllWritten(files, expected, name);
  }
});

test('a run whose folder is removed tells so, and writes on into one that is made anew', async (t) => {
  const root = useTempDir(t);
  const recording = await makeBlocksRecording(root, '2MiB');
  const expected = readTimes(recording);
  for (const name of ['out.ndjson', 'out.sfrec']) {
    const folder = join(root, name);
    mkdirSync(folder);
    const sink = `file:${join(folder, name)}?rotate=100KiB&flush=20ms&${WAIT}`;
    const run = RunningCommand.trickle(recording, sink, PAUSE_MS);
    t.after(() => run.child.kill('SIGKILL'));
    await run.until(() => readdirSync(folder).length >= 2);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    await run.until(() => run.stderr.includes('waits and tries again'));
    assert.match(run.stderr, /\(ENOENT\)/);
    mkdirSync(folder);
    checkWaitedRun(await run.ended(), name);
    const times = filesOf(folder).flatMap((path) => readTimes(path));
    assert.ok(times.length > 0, name);
    assert.deepEqual(times, expected.slice(-times.length), 'all that came later, each once');
  }
});

test('waiting is refused where it cannot keep what it promises', () => {
  for (const [sink, message] of [
    ['file:/tmp/out.ndjson.gz?on-error=wait', /one compressed file/],
    ['file:/tmp/out.ndjson?on-error=wait&fsync=interval', /synced as it is written/],
    ['file:/tmp/out.ndjson?retry=1s', /only on-error=wait/],
    ['file:/tmp/out.ndjson?give-up=1s', /only on-error=wait/],
    ['file:-?on-error=wait&encoding=ndjson', /is no file/],
    ['file:/tmp/out.ndjson?on-error=later', /on error|way to take an error/],
    ['file:/tmp/out.ndjson?order=time&on-error=wait', /wait for ever/],
  ] as const) {
    const { status, stderr } = sockflow(['replay', '/dev/null', '--sink', sink]);
    assert.equal(status, 2, sink);
    assert.match(stderr, message, sink);
  }
});
