/* failing-device-again.js FOLDER: writing back to the device fails in the middle of a run that waits, and goes well later. What was not acknowledged is written anew, into another part. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { sockflowOk } from '../../cli/sockflow-command.ts';
import { readTimes } from '../read-back.ts';
import { RunningCommand } from '../running-command.ts';
import { checkWaitedRun, WAIT } from '../waited-run.ts';
import { ThinDisk } from './file-systems.ts';
import { checkAllWritten, filesOf } from './written-files.ts';

const CASES = [
  ['out.ndjson', 'batch', '11m'],
  ['out.sfrec', 'interval', '8m'],
] as const;

const [dir = ''] = process.argv.slice(2);
const recording = join(dir, 'in.sfrec');
sockflowOk(['gen', recording, '--size', '6MiB', '--seed', '4']);
const expected = readTimes(recording);
for (const [name, fsync, size] of CASES) {
  const what = `${name} ${fsync}`;
  const own = join(dir, name);
  mkdirSync(own);
  const disk = ThinDisk.mount(own, size);
  const sink = `file:${join(disk.folder, name)}?rotate=64MiB&flush=10ms&fsync=${fsync}&${WAIT}`;
  const run = new RunningCommand(['replay', recording, '--sink', sink, '--json']);
  await run.until(() => run.stderr.includes('waits and tries again'));
  disk.resize('80m');
  checkWaitedRun(await run.ended(), what);
  checkAllWritten(filesOf(disk.folder), expected, what);
  disk.unmount();
}
