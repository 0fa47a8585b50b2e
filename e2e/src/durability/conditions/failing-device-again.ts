/* failing-device-again.js FOLDER: writing back to the device fails in the middle of a run that waits, and goes well later. What was not acknowledged is written anew, into another part. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { sockflowOk } from '../../cli/sockflow-command.ts';
import { readTimes } from '../read-back.ts';
import { RunningCommand } from '../running-command.ts';
import { checkWaitedRun, WAIT } from '../waited-run.ts';
import { ThinDisk } from './file-systems.ts';
import { checkAllWritten, filesOf } from './written-files.ts';

const [dir = ''] = process.argv.slice(2);
const recording = join(dir, 'in.sfrec');
sockflowOk(['gen', recording, '--size', '6MiB', '--seed', '4']);
const expected = readTimes(recording);
for (const name of ['out.ndjson', 'out.sfrec']) {
  for (const fsync of ['interval', 'batch']) {
    const what = `${name} ${fsync}`;
    const own = join(dir, `${name}-${fsync}`);
    mkdirSync(own);
    const disk = ThinDisk.mount(own, name === 'out.sfrec' ? '8m' : '11m');
    const query = `rotate=64MiB&flush=10ms&fsync=${fsync}&${WAIT}`;
    const run = new RunningCommand([
      'replay',
      recording,
      '--sink',
      `file:${join(disk.folder, name)}?${query}`,
      '--json',
    ]);
    await run.until(() => run.stderr.includes('waits and tries again'));
    disk.resize('80m');
    checkWaitedRun(await run.ended(), what);
    checkAllWritten(filesOf(disk.folder), expected, what);
  }
}
