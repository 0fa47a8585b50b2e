/* kept-series.js FOLDER: a series that keeps less than a small tmpfs holds. */
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { sockflowOk } from '../../cli/sockflow-command.ts';
import { readTimes } from '../read-back.ts';
import { SmallDisk } from './file-systems.ts';
import { empty, filesOf } from './written-files.ts';

const [dir = ''] = process.argv.slice(2);
const { folder } = SmallDisk.mount(dir, '1m');
const recording = join(dir, 'in.sfrec');
sockflowOk(['gen', recording, '--size', '2MiB', '--seed', '4']);
const last = readTimes(recording).at(-1);
for (const name of ['out.ndjson', 'out.sfrec']) {
  empty(folder);
  const sink = `file:${join(folder, name)}?rotate=50KiB&keep=200KiB`;
  sockflowOk(['replay', recording, '--sink', sink]);
  const files = filesOf(folder);
  assert.ok(files.every((found) => !found.endsWith('.part')));
  assert.equal(readTimes(files.at(-1) ?? '').at(-1), last, 'the newest stay');
}
