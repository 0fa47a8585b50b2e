import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { type CleanableTest, requireTool, useTempDir } from '@sockflow/test-support';

import { SOCKFLOW, sockflowOk, userEnv } from '../cli/sockflow-command.ts';
import { descriptorPath, readSystemCalls, type SystemCall } from './system-calls.ts';

const TRACED = 'trace=write,writev,pwrite64,pwritev,fdatasync,fsync,rename';
const WRITES = new Set(['write', 'writev', 'pwrite64', 'pwritev']);
/* No measure of speed: it only ends what hangs. */
const TIMEOUT_MS = 180_000;
/* Events that the endless writer acknowledges at least: those of some timers, and those of some batches. */
const ENOUGH = { interval: '20000', batch: '4000' } as const;
const NAMES = ['out.ndjson', 'out.sfrec', 'out.ndjson.gz'];

/** What a run of Node does, in its order, and how it ended. With seccomp only the calls asked for stop the process, not every one. */
function traced(
  dir: string,
  command: readonly string[],
): { calls: SystemCall[]; ended: string | number | null; stderr: string } {
  const log = join(dir, 'strace');
  const shown = ['-f', '--seccomp-bpf', '-y', '-s', '0', '-e', TRACED, '-o', log];
  const run = spawnSync('strace', [...shown, process.execPath, ...command], {
    encoding: 'utf8',
    env: userEnv(),
    timeout: TIMEOUT_MS,
  });
  if (run.error !== undefined) throw run.error;
  const calls = readSystemCalls(readFileSync(log, 'utf8'));
  return { calls, ended: run.signal ?? run.status, stderr: run.stderr };
}

/** A run of the command that makes several parts of every name, each name in a folder of its own. */
function tracedReplay(
  t: CleanableTest,
  recording: string,
  fsync: string,
): { calls: SystemCall[]; folders: ReadonlyMap<string, string> } {
  const folders = new Map(NAMES.map((name) => [name, useTempDir(t)]));
  const sinks = [...folders].map(
    ([name, dir]) => `file:${join(dir, name)}?rotate=200KiB&fsync=${fsync}`,
  );
  const args = [SOCKFLOW, 'replay', recording, ...sinks.flatMap((sink) => ['--sink', sink])];
  const { calls, ended, stderr } = traced(useTempDir(t), args);
  assert.equal(ended, 0, stderr);
  return { calls, folders };
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
  for (const fsync of ['rotate', 'batch']) {
    const { calls, folders } = tracedReplay(t, recording, fsync);
    for (const [name, dir] of folders) {
      const renames = renamesIn(calls).filter(({ from }) => dirname(from) === dir);
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
  const recording = join(useTempDir(t), 'in.sfrec');
  sockflowOk(['gen', recording, '--size', '1MiB', '--seed', '2']);
  const { calls, folders } = tracedReplay(t, recording, 'never');
  for (const [name, dir] of folders) {
    assert.ok(
      renamesIn(calls).some(({ from }) => dirname(from) === dir),
      name,
    );
  }
  assert.deepEqual(
    calls.filter(({ name: called }) => called === 'fdatasync' || called === 'fsync'),
    [],
  );
});

/** What an endless writer does until it has acknowledged some thousand events. */
function tracedWriter(
  dir: string,
  recording: string,
  name: string,
  fsync: keyof typeof ENOUGH,
): SystemCall[] {
  const writer = new URL('./endless-writer.js', import.meta.url).pathname;
  const sink = `file:${join(dir, name)}?fsync=${fsync}&flush=20ms`;
  const args = [writer, recording, sink, join(dir, 'acknowledged'), ENOUGH[fsync]];
  const { calls, ended, stderr } = traced(dir, args);
  assert.equal(ended, 'SIGKILL', stderr);
  return calls;
}

test('what is acknowledged under interval and batch was synced before', (t) => {
  if (!requireTool(t, 'strace')) return;
  const root = useTempDir(t);
  const recording = join(root, 'in.sfrec');
  sockflowOk(['gen', recording, '--size', '1MiB', '--seed', '2']);
  for (const name of NAMES) {
    for (const fsync of ['interval', 'batch'] as const) {
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
