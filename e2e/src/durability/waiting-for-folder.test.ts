import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';
import { loadSink } from 'sockflow';

import { sockflow } from '../cli/sockflow-command.ts';
import { makeBlocksRecording } from './conditions/blocks-recording.ts';
import { checkAllWritten, filesOf } from './conditions/written-files.ts';
import { readTimes } from './read-back.ts';
import { RunningCommand } from './running-command.ts';
import { checkWaitedRun, WAIT } from './waited-run.ts';

const ORDERED = 'file:/tmp/out.ndjson?order=time&on-error=wait';

test('a run whose folder is moved away waits, and goes on once there is one again', async (t) => {
  const root = useTempDir(t);
  const recording = await makeBlocksRecording(root, '2MiB');
  const expected = readTimes(recording);
  for (const name of ['out.ndjson', 'out.sfrec']) {
    const [folder, away] = [join(root, name), join(root, `${name}-away`)];
    mkdirSync(folder);
    const goPath = join(root, `go-${name}`);
    const sink = `file:${join(folder, name)}?rotate=100KiB&flush=20ms&${WAIT}`;
    const run = await RunningCommand.held(recording, sink, goPath);
    t.after(() => run.child.kill('SIGKILL'));
    await run.until(() => filesOf(folder).length >= 2);
    renameSync(folder, away);
    RunningCommand.goOn(goPath);
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
    const goPath = join(root, `go-${name}`);
    const sink = `file:${join(folder, name)}?rotate=100KiB&flush=20ms&${WAIT}`;
    const run = await RunningCommand.held(recording, sink, goPath);
    t.after(() => run.child.kill('SIGKILL'));
    await run.until(() => readdirSync(folder).length >= 2);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    RunningCommand.goOn(goPath);
    await run.until(() => run.stderr.includes('waits and tries again'));
    assert.match(run.stderr, /\(ENOENT\)/);
    mkdirSync(folder);
    checkWaitedRun(await run.ended(), name);
    const times = filesOf(folder).flatMap((path) => readTimes(path));
    assert.ok(times.length > 0, name);
    assert.deepEqual(times, expected.slice(-times.length), 'all that came later, each once');
  }
});

test('waiting is refused where it cannot keep what it promises', async () => {
  for (const [sink, message] of [
    ['file:/tmp/out.ndjson.gz?on-error=wait', /one compressed file/],
    ['file:/tmp/out.ndjson?on-error=wait&fsync=interval', /synced as it is written/],
    ['file:/tmp/out.ndjson?retry=1s', /only on-error=wait/],
    ['file:/tmp/out.ndjson?give-up=1s', /only on-error=wait/],
    ['file:-?on-error=wait&encoding=ndjson', /is no file/],
    ['file:/tmp/out.ndjson?on-error=later', /on error|way to take an error/],
    [ORDERED, /wait for ever/],
  ] as const) {
    const code = /^ERR_SOCKFLOW_(INVALID_OPTION|UNKNOWN_NAME)$/;
    await assert.rejects(loadSink(sink), { code, message }, sink);
  }
  const { status, stderr } = sockflow(['replay', '/dev/null', '--sink', ORDERED]);
  assert.equal(status, 2);
  assert.match(stderr, /wait for ever/);
});
