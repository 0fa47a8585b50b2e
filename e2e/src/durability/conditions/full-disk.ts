/* full-disk.js FOLDER: a small tmpfs that fills up, under every policy, for one file and for a series. */
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { sockflow, sockflowOk } from '../../cli/sockflow-command.ts';
import { checkFailedRun } from '../failed-run.ts';
import { readTimes } from '../read-back.ts';
import { SmallDisk } from './file-systems.ts';
import { checkWritten, empty, filesOf } from './written-files.ts';

const NAMES = ['out.ndjson', 'out.sfrec', 'out.ndjson.gz'];
const POLICIES = ['never', 'rotate', 'interval', 'batch'];

const [dir = ''] = process.argv.slice(2);
const { folder } = SmallDisk.mount(dir, '1m');
const recording = join(dir, 'in.sfrec');
sockflowOk(['gen', recording, '--size', '8MiB', '--seed', '4']);
const expected = readTimes(recording);
for (const name of NAMES) {
  for (const [index, fsync] of POLICIES.entries()) {
    empty(folder);
    const rotate = index % 2 === 0 ? 'rotate=150KiB&' : '';
    const what = `${name} ${rotate}${fsync}`;
    const flush = fsync === 'interval' ? '&flush=20ms' : '';
    const sink = `file:${join(folder, name)}?${rotate}fsync=${fsync}${flush}`;
    const run = sockflow(['replay', recording, '--sink', sink, '--json']);
    const code = /^ERR_SOCKFLOW_SINK_DISK_FULL$/;
    const { acknowledged } = checkFailedRun(run, { code, errno: 'ENOSPC', what });
    assert.ok(acknowledged > 500, `${what}: ${acknowledged} acknowledged`);
    const files = filesOf(folder);
    checkWritten(files, expected, acknowledged, what);
    const unfinished = files.filter((found) => found.endsWith('.part'));
    assert.ok(unfinished.length <= 1 && (rotate !== '' || files.length === 1), String(files));
  }
}
