/*
 * failing-device.js FOLDER: writing back to the device fails, so that fdatasync tells, once. What was acknowledged is read without mounting anew: a loop device reports success for a write that
 * found room for its first half only.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { sockflow, sockflowOk } from '../../cli/sockflow-command.ts';
import { checkFailedRun } from '../failed-run.ts';
import { readTimes } from '../read-back.ts';
import { ThinDisk } from './file-systems.ts';
import { checkWritten, filesOf } from './written-files.ts';

const CASES = [
  ['out.ndjson', 'interval'],
  ['out.sfrec', 'batch'],
] as const;

const [dir = ''] = process.argv.slice(2);
const recording = join(dir, 'in.sfrec');
sockflowOk(['gen', recording, '--size', '12MiB', '--seed', '4']);
const expected = readTimes(recording);
for (const [name, fsync] of CASES) {
  const what = `${name} ${fsync}`;
  const own = join(dir, name);
  mkdirSync(own);
  const disk = ThinDisk.mount(own, '12m');
  const sink = `file:${join(disk.folder, name)}?fsync=${fsync}&flush=10ms`;
  const run = sockflow(['replay', recording, '--sink', sink, '--json']);
  const code = /^ERR_SOCKFLOW_SINK_(DISK_FULL|WRITE)$/;
  const { given, acknowledged } = checkFailedRun(run, { code, errno: 'ENOSPC|EIO|EROFS', what });
  const found = checkWritten(filesOf(disk.folder), expected, acknowledged, what);
  console.log(`${what}: ${given} given, ${acknowledged} acknowledged, ${found.length} read`);
  disk.unmount();
}
