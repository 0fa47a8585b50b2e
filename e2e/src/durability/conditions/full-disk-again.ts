/* full-disk-again.js FOLDER: a small tmpfs that fills up while a run goes on that waits, and gets room again. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { sockflowOk } from '../../cli/sockflow-command.ts';
import { readTimes } from '../read-back.ts';
import { RunningCommand } from '../running-command.ts';
import { checkWaitedRun, WAIT } from '../waited-run.ts';
import { SmallDisk } from './file-systems.ts';
import { checkAllWritten, filesOf } from './written-files.ts';

const OUTPUTS = [
  ['out.ndjson', ''],
  ['out.sfrec', 'rotate=300KiB&fsync=interval&flush=20ms&'],
  ['out.ndjson.gz', 'rotate=100KiB&fsync=batch&'],
] as const;

const [dir = ''] = process.argv.slice(2);
const recording = join(dir, 'in.sfrec');
sockflowOk(['gen', recording, '--size', '4MiB', '--seed', '4']);
const expected = readTimes(recording);
for (const [index, [name, query]] of OUTPUTS.entries()) {
  const what = `${name} ${query}`;
  const own = join(dir, String(index));
  mkdirSync(own);
  const disk = SmallDisk.mount(own, '512k');
  const sink = `file:${join(disk.folder, name)}?${query}${WAIT}`;
  const run = new RunningCommand(['replay', recording, '--sink', sink, '--json']);
  await run.until(() => run.stderr.includes('waits and tries again'));
  assert.match(run.stderr, /warning ERR_SOCKFLOW_SINK_DISK_FULL: .*\(ENOSPC\)/, what);
  disk.resize('64m');
  checkWaitedRun(await run.ended(), what);
  checkAllWritten(filesOf(disk.folder), expected, what);
  disk.unmount();
}
