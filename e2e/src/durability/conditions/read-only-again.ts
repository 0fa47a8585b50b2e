/*
 * read-only-again.js FOLDER: a file system that is made read-only in the middle of a run that waits, and writable again. While a file on it is open for writing the system refuses to
 * do so: it happens while the run holds, and its parts are complete.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { readTimes } from '../read-back.ts';
import { RunningCommand } from '../running-command.ts';
import { checkWaitedRun, WAIT } from '../waited-run.ts';
import { makeBlocksRecording } from './blocks-recording.ts';
import { SmallDisk } from './file-systems.ts';
import { checkAllWritten, filesOf } from './written-files.ts';

const [dir = ''] = process.argv.slice(2);
const recording = await makeBlocksRecording(dir, '2MiB');
const expected = readTimes(recording);
for (const [name, fsync] of [
  ['out.ndjson', 'never'],
  ['out.sfrec', 'batch'],
] as const) {
  const own = join(dir, name);
  mkdirSync(own);
  const disk = SmallDisk.mount(own, '64m');
  const sink = `file:${join(disk.folder, name)}?every=20ms&fsync=${fsync}&${WAIT}`;
  const goPath = join(own, 'go');
  const run = await RunningCommand.held(recording, sink, goPath);
  await run.until(() => disk.tryReadOnly());
  RunningCommand.goOn(goPath);
  await run.until(() => run.stderr.includes('waits and tries again'));
  assert.match(run.stderr, /warning ERR_SOCKFLOW_SINK_(PATH|WRITE): .*\(EROFS\)/, name);
  disk.writable();
  checkWaitedRun(await run.ended(), name);
  checkAllWritten(filesOf(disk.folder), expected, name);
  disk.unmount();
}
