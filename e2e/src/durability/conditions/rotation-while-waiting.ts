/* rotation-while-waiting.js FOLDER: a small tmpfs that fills up, and stays full for longer than a part lasts, while a run goes on that waits. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { sockflowOk } from '../../cli/sockflow-command.ts';
import { readTimes } from '../read-back.ts';
import { RunningCommand } from '../running-command.ts';
import { checkWaitedRun, WAIT } from '../waited-run.ts';
import { SmallDisk } from './file-systems.ts';
import { checkAllWritten, filesOf } from './written-files.ts';

const EVERY_MS = 100;
/** What is right is right however long this takes: only what is wrong shows once the time of a part has passed. */
const FULL_MS = 5 * EVERY_MS;
const OUTPUTS = [
  ['out.sfrec', 'fsync=never'],
  ['out.sfrec', 'fsync=rotate'],
  ['out.ndjson', 'fsync=never'],
  ['out.ndjson', 'fsync=rotate&rotate=100KiB'],
] as const;

const [dir = ''] = process.argv.slice(2);
const recording = join(dir, 'in.sfrec');
sockflowOk(['gen', recording, '--size', '4MiB', '--seed', '5']);
const expected = readTimes(recording);
for (const [index, [name, query]] of OUTPUTS.entries()) {
  const what = `${name} ${query}`;
  const own = join(dir, String(index));
  mkdirSync(own);
  const disk = SmallDisk.mount(own, '512k');
  const sink = `file:${join(disk.folder, name)}?every=${EVERY_MS}ms&${query}&${WAIT}`;
  const run = new RunningCommand(['replay', recording, '--sink', sink, '--json']);
  await run.until(() => run.stderr.includes('waits and tries again'));
  await sleep(FULL_MS);
  disk.resize('64m');
  checkWaitedRun(await run.ended(), what);
  const files = filesOf(disk.folder);
  checkAllWritten(files, expected, what);
  // A recording whose end found no room is given up, and stays as NAME.part.
  for (const path of files.filter((file) => !file.endsWith('.part')))
    assert.notEqual(readTimes(path).length, 0, `${path} is empty`);
  disk.unmount();
}
