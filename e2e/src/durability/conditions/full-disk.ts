/* full-disk.js FOLDER: a small tmpfs that fills up: each policy, each kind of writer, as one file and as a series. */
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { sockflow, sockflowOk } from '../../cli/sockflow-command.ts';
import { checkFailedRun } from '../failed-run.ts';
import { readTimes } from '../read-back.ts';
import { SmallDisk } from './file-systems.ts';
import { checkWritten, empty, filesOf } from './written-files.ts';

const CASES = [
  ['out.ndjson', 'rotate=150KiB&fsync=never'],
  ['out.ndjson', 'fsync=batch'],
  ['out.sfrec', 'fsync=interval&flush=20ms'],
  ['out.sfrec', 'rotate=150KiB&fsync=rotate'],
  ['out.ndjson.gz', 'rotate=150KiB&fsync=batch'],
] as const;

const [dir = ''] = process.argv.slice(2);
const { folder } = SmallDisk.mount(dir, '1m');
const recording = join(dir, 'in.sfrec');
sockflowOk(['gen', recording, '--size', '8MiB', '--seed', '4']);
const expected = readTimes(recording);
for (const [name, query] of CASES) {
  empty(folder);
  const what = `${name} ${query}`;
  const sink = `file:${join(folder, name)}?${query}`;
  const run = sockflow(['replay', recording, '--sink', sink, '--json']);
  const code = /^ERR_SOCKFLOW_SINK_DISK_FULL$/;
  const { acknowledged } = checkFailedRun(run, { code, errno: 'ENOSPC', what });
  assert.ok(acknowledged > 500, `${what}: ${acknowledged} acknowledged`);
  const files = filesOf(folder);
  checkWritten(files, expected, acknowledged, what);
  const unfinished = files.filter((found) => found.endsWith('.part'));
  const isSeries = query.startsWith('rotate=');
  assert.ok(unfinished.length <= 1 && (isSeries || files.length === 1), String(files));
}
