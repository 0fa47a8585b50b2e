import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { makeBlocksRecording } from './conditions/blocks-recording.ts';
import { countsOf } from './failed-run.ts';
import { runWithOwnMounts } from './own-mounts.ts';
import { RunningCommand } from './running-command.ts';

const NAMES = ['out.ndjson', 'out.sfrec'];

test('a device that fails when it is written back to ends the run; what was acknowledged is on it', (t) => {
  runWithOwnMounts(t, 'failing-device');
});

test('a file system that makes itself read-only is named, the books are right, and every acknowledged event can be read', (t) => {
  runWithOwnMounts(t, 'read-only');
});

test('a folder that is removed while it is written ends the run with an error that says so', async (t) => {
  const root = useTempDir(t);
  const recording = await makeBlocksRecording(root, '2MiB');
  for (const name of NAMES) {
    const dir = join(root, `folder-of-${name}`);
    const goPath = join(root, `go-${name}`);
    mkdirSync(dir);
    const sink = `file:${join(dir, name)}?rotate=50KiB`;
    const run = await RunningCommand.held(recording, sink, goPath);
    t.after(() => run.child.kill('SIGKILL'));
    await run.until(() => readdirSync(dir).length >= 2);
    rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
    RunningCommand.goOn(goPath);
    const { status, stderr, stdout } = await run.ended();
    assert.equal(status, 1, name);
    assert.match(stderr, /was removed while it was written|folder does not exist|ENOENT/, name);
    countsOf(stdout, name);
  }
});
