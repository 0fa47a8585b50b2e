import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { requireTool, useTempDir } from '@sockflow/test-support';

import { SOCKFLOW, sockflowOk, userEnv } from '../cli/sockflow-command.ts';
import { descriptorPath, readSystemCalls, type SystemCall } from './system-calls.ts';

const TRACED = 'trace=write,writev,pwrite64,pwritev,fdatasync,fsync,rename';
const WRITES = new Set(['write', 'writev', 'pwrite64', 'pwritev']);
const TIMEOUT_MS = 60_000;
const NAMES = ['out.ndjson', 'out.sfrec', 'out.ndjson.gz'];

function straceArgs(log: string, command: readonly string[]): string[] {
  return ['-f', '-y', '-s', '0', '-e', TRACED, '-o', log, process.execPath, ...command];
}

/** What a run of the command that makes several parts does, in its order. */
function tracedReplay(dir: string, recording: string, name: string, fsync: string): SystemCall[] {
  const log = join(dir, 'strace');
  const sink = `file:${join(dir, name)}?rotate=200KiB&fsync=${fsync}`;
  const args = straceArgs(log, [SOCKFLOW, 'replay', recording, '--sink', sink]);
  const { status, stderr } = spawnSync('strace', args, {
    encoding: 'utf8',
    env: userEnv(),
    timeout: TIMEOUT_MS,
  });
  assert.equal(status, 0, stderr);
  return readSystemCalls(readFileSync(log, 'utf8'));
}

function renamesIn(calls: readonly SystemCall[]): { call: SystemCall; from: string }[] {
  return calls
    .filter(({ name, isOk }) => name === 'rename' && isOk)
    .map((call) => ({ call, from: /^"([^"]*)"/.exec(call.args)?.[1] ?? '' }));
}

test('a part is on the disk before it has its final name, and the name before the part counts as complete', (t) => {
  if (!requireTool(t, 'strace')) return;
  const root = useTempDir(t);
  const recording = join(root, 'in.sfrec');
  sockflowOk(['gen', recording, '--size', '2MiB', '--seed', '2']);
  for (const name of NAMES) {
    for (const fsync of ['rotate', 'batch']) {
      const dir = useTempDir(t);
      const calls = tracedReplay(dir, recording, name, fsync);
      const renames = renamesIn(calls);
      assert.ok(renames.length >= 3, `${name} ${fsync}: ${renames.length} parts`);
      for (const { call, from } of renames) {
        const before = calls.filter(({ end }) => end < call.start);
        const of = before.filter((other) => descriptorPath(other) === from);
        const synced = of.findLast(({ name: called }) => called === 'fdatasync');
        const written = of.findLast(({ name: called }) => WRITES.has(called));
        assert.ok(synced !== undefined && written !== undefined, from);
        assert.ok(synced.isOk && written.end < synced.start, `${from}: all of it is synced`);
        const folderSynced = calls.find(
          (other) =>
            other.name === 'fsync' && other.start > call.end && descriptorPath(other) === dir,
        );
        assert.ok(folderSynced?.isOk, `${from}: its new name is synced`);
      }
    }
  }
});

test('under never nothing is synced', (t) => {
  if (!requireTool(t, 'strace')) return;
  const dir = useTempDir(t);
  const recording = join(dir, 'in.sfrec');
  sockflowOk(['gen', recording, '--size', '1MiB', '--seed', '2']);
  for (const name of NAMES) {
    const calls = tracedReplay(useTempDir(t), recording, name, 'never');
    assert.ok(renamesIn(calls).length > 0);
    assert.deepEqual(
      calls.filter(({ name: called }) => called === 'fdatasync' || called === 'fsync'),
      [],
    );
  }
});

/** What an endless writer does until it has acknowledged some thousand events. */
function tracedWriter(dir: string, recording: string, name: string, fsync: string): SystemCall[] {
  const [log, acknowledged] = [join(dir, 'strace'), join(dir, 'acknowledged')];
  const writer = new URL('./endless-writer.js', import.meta.url).pathname;
  const sink = `file:${join(dir, name)}?fsync=${fsync}&flush=20ms`;
  const args = straceArgs(log, [writer, recording, sink, acknowledged, '20000']);
  const { error, stderr } = spawnSync('strace', args, {
    encoding: 'utf8',
    env: userEnv(),
    timeout: TIMEOUT_MS,
  });
  assert.equal(error, undefined, stderr);
  return readSystemCalls(readFileSync(log, 'utf8'));
}

test('what is acknowledged under interval and batch was synced before', (t) => {
  if (!requireTool(t, 'strace')) return;
  const root = useTempDir(t);
  const recording = join(root, 'in.sfrec');
  sockflowOk(['gen', recording, '--size', '1MiB', '--seed', '2']);
  for (const name of NAMES) {
    for (const fsync of ['interval', 'batch']) {
      const dir = useTempDir(t);
      const calls = tracedWriter(dir, recording, name, fsync);
      checkNotes(calls, dir, join(dir, `${name}.part`), `${name} ${fsync}`);
    }
  }
});

/** Each note of what is acknowledged follows an fdatasync that began after a write and after the note before, and the first one a sync of the folder. */
function checkNotes(calls: readonly SystemCall[], dir: string, part: string, what: string): void {
  const notes = calls.filter((call) => descriptorPath(call) === join(dir, 'acknowledged'));
  assert.ok(notes.length > 1, `${what}: ${notes.length} notes`);
  let lastSyncStart = -1;
  for (const note of notes) {
    const before = calls.filter(({ end }) => end < note.start);
    const synced = before.findLast(
      (call) => call.name === 'fdatasync' && descriptorPath(call) === part,
    );
    assert.ok(synced?.isOk, `${what}: nothing was synced`);
    assert.ok(synced.start > lastSyncStart, `${what}: acknowledged more without another fdatasync`);
    const written = before.some(
      (call) =>
        WRITES.has(call.name) &&
        descriptorPath(call) === part &&
        call.end < synced.start &&
        call.end > lastSyncStart,
    );
    assert.ok(written, `${what}: what was synced had been written`);
    lastSyncStart = synced.start;
    const isFolderSynced = before.some(
      (call) => call.name === 'fsync' && descriptorPath(call) === dir,
    );
    assert.ok(isFolderSynced, `${what}: the file's name was not synced`);
  }
}
