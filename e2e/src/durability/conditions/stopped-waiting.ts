/* stopped-waiting.js FOLDER: a run that waits for room that never comes ends when it is stopped, or has waited for as long as it was told to. */
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { sockflowOk } from '../../cli/sockflow-command.ts';
import { checkFailedRun } from '../failed-run.ts';
import { readTimes } from '../read-back.ts';
import { RunningCommand } from '../running-command.ts';
import { WAIT } from '../waited-run.ts';
import { SmallDisk } from './file-systems.ts';
import { checkWritten, empty, filesOf } from './written-files.ts';

const CASES = [
  ['out.ndjson', 'SIGTERM'],
  ['out.sfrec', 'SIGINT'],
  ['out.sfrec', 'give-up=300ms'],
] as const;

const [dir = ''] = process.argv.slice(2);
const { folder } = SmallDisk.mount(dir, '1m');
const recording = join(dir, 'in.sfrec');
sockflowOk(['gen', recording, '--size', '4MiB', '--seed', '4']);
const expected = readTimes(recording);
for (const [name, end] of CASES) {
  empty(folder);
  const what = `${name} ${end}`;
  const option = end === 'give-up=300ms' ? `${WAIT}&${end}` : 'on-error=wait&retry=1h';
  const sink = `file:${join(folder, name)}?${option}`;
  const run = new RunningCommand(['replay', recording, '--sink', sink, '--json']);
  await run.until(() => run.stderr.includes('waits and tries again'));
  if (end !== 'give-up=300ms') run.child.kill(end);
  const code = /^ERR_SOCKFLOW_SINK_DISK_FULL$/;
  const ended = await run.ended();
  const { acknowledged, failed } = checkFailedRun(ended, { code, errno: 'ENOSPC', what });
  assert.ok(acknowledged > 500 && failed > 0, what);
  checkWritten(filesOf(folder), expected, acknowledged, what);
}
