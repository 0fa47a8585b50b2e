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

const PAUSE_MS = 20;

const [dir = ''] = process.argv.slice(2);
const recording = await makeBlocksRecording(dir, '6MiB');
const expected = readTimes(recording);
for (const name of ['out.ndjson', 'out.sfrec', 'out.ndjson.gz']) {
  for (const query of ['rotate=400KiB&fsync=rotate&flush=10ms', 'fsync=interval&flush=10ms']) {
    const what = `${name} ${query}`;
    const own = join(dir, `${name}-${query.length}`);
    mkdirSync(own);
    const disk = ThinDisk.mount(own, '24m');
    const sink = `file:${join(disk.folder, name)}?${query}`;
    const run = RunningCommand.trickle(recording, sink, PAUSE_MS);
    await run.until(() => sizeOf(disk.folder) > 100_000);
    disk.breakDown();
    const code = /^ERR_SOCKFLOW_SINK_WRITE$/;
    const { acknowledged } = checkFailedRun(await run.ended(), { code, errno: 'EROFS|EIO', what });
    assert.ok(acknowledged < expected.length, what);
    checkWritten(filesOf(disk.folder), expected, acknowledged, what);
  }
}

function sizeOf(folder: string): number {
  return filesOf(folder).reduce(
    (sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
