/* read-only.js FOLDER: a file system that finds an error makes itself read-only while files on it are open for writing. */
import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { checkFailedRun } from '../failed-run.ts';
import { readTimes } from '../read-back.ts';
import { RunningCommand } from '../running-command.ts';
import { makeBlocksRecording } from './blocks-recording.ts';
import { ThinDisk } from './file-systems.ts';
import { checkWritten, filesOf } from './written-files.ts';

const CASES = [
  ['out.ndjson', 'rotate=400KiB&fsync=rotate&flush=10ms'],
  ['out.sfrec', 'fsync=interval&flush=10ms'],
  ['out.ndjson.gz', 'fsync=interval&flush=10ms'],
] as const;

const [dir = ''] = process.argv.slice(2);
const recording = await makeBlocksRecording(dir, '2MiB');
const expected = readTimes(recording);
for (const [name, query] of CASES) {
  const what = `${name} ${query}`;
  const own = join(dir, name);
  mkdirSync(own);
  const disk = ThinDisk.mount(own, '24m');
  const sink = `file:${join(disk.folder, name)}?${query}`;
  const goPath = join(own, 'go');
  const run = await RunningCommand.held(recording, sink, goPath);
  await run.until(() => sizeOf(disk.folder) > 20_000);
  disk.breakDown();
  RunningCommand.goOn(goPath);
  // What finds it first is a write, or the start of the next part.
  const code = /^ERR_SOCKFLOW_SINK_(WRITE|PATH)$/;
  const { acknowledged } = checkFailedRun(await run.ended(), { code, errno: 'EROFS|EIO', what });
  assert.ok(acknowledged < expected.length, what);
  checkWritten(filesOf(disk.folder), expected, acknowledged, what);
  disk.unmount();
}

function sizeOf(folder: string): number {
  return filesOf(folder).reduce(
    (sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
