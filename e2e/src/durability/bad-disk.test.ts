import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { sockflowOk } from '../cli/sockflow-command.ts';
import { countsOf } from './failed-run.ts';
import { runWithOwnMounts } from './own-mounts.ts';
import { RunningCommand } from './running-command.ts';

const NAMES = ['out.ndjson', 'out.sfrec', 'out.ndjson.gz'];

test('a full disk is named, the books are right, and every acknowledged event can be read, as one file or a series, under every policy', (t) => {
  runWithOwnMounts(t, 'full-disk');
});

test('a series that keeps less than the disk holds never fills it', (t) => {
  runWithOwnMounts(t, 'kept-series');
});

test('a device that fails when it is written back to ends the run; what was acknowledged is on it', (t) => {
  runWithOwnMounts(t, 'failing-device');
});

test('a file system that makes itself read-only is named, the books are right, and every acknowledged event can be read', (t) => {
  runWithOwnMounts(t, 'read-only');
});

test('a folder that is removed while it is written ends the run with an error that says so', async (t) => {
  const root = useTempDir(t);
  const recording = join(root, 'in.sfrec');
  sockflowOk(['gen', recording, '--size', '32MiB', '--seed', '4']);
  for (const name of NAMES) {
    const dir = join(root, `folder-of-${name}`);
    mkdirSync(dir);
    const sink = `file:${join(dir, name)}?rotate=1MiB`;
    const run = new RunningCommand(['replay', recording, '--sink', sink, '--json']);
    t.after(() => run.child.kill('SIGKILL'));
    await run.until(() => readdirSync(dir).length >= 2);
    rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
    const { status, stderr, stdout } = await run.ended();
    assert.equal(status, 1, name);
    assert.match(stderr, /was removed while it was written|folder does not exist|ENOENT/, name);
    countsOf(stdout, name);
  }
});
