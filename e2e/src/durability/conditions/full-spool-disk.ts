/* full-spool-disk.js FOLDER: the disk of a spool fills up while its sink is gone: named, counted, nothing acknowledged lost, and it goes on when there is room. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { sockflowOk } from '../../cli/sockflow-command.ts';
import { readTimes } from '../read-back.ts';
import { RunningCommand } from '../running-command.ts';
import { SmallDisk } from './file-systems.ts';

/** Takes what it is given, times of events in a file, while GONE does not lie there. */
const SINK = `import { appendFileSync, existsSync } from 'node:fs';
export default ({ path }) => ({
  name: 'away',
  accepts: 'batches',
  open() {
    if (existsSync(path + '.gone')) throw new Error('it is away');
    let acknowledged = 0;
    return {
      get acknowledged() { return acknowledged; },
      failed: 0,
      write(batch) {
        let lines = '';
        for (const event of batch) lines += event.tsNs + '\\n';
        appendFileSync(path, lines);
        acknowledged += batch.size;
      },
      flush() {},
      close() { return {}; },
    };
  },
});
`;

interface Counts {
  readonly given: number;
  readonly acknowledged: number;
  readonly failed: number;
}

const [dir = ''] = process.argv.slice(2);
const recording = join(dir, 'in.sfrec');
const modulePath = join(dir, 'away.mjs');
const out = join(dir, 'out');
writeFileSync(modulePath, SINK);
writeFileSync(`${out}.gone`, '');
writeFileSync(out, '');
sockflowOk(['gen', recording, '--size', '4MiB', '--seed', '4']);
const expected = readTimes(recording).map(String);
const disk = SmallDisk.mount(dir, '1m');
const directory = join(disk.folder, 'spool');
const sink = `module:${modulePath}?path=${out}&spool=${directory}&spool-keep=256KiB&spool-close=500ms`;
const run = new RunningCommand(['replay', recording, '--sink', sink, '--json']);
await run.until(() => run.stderr.includes('ERR_SOCKFLOW_SPOOL_FULL'));
assert.match(run.stderr, /warning ERR_SOCKFLOW_SPOOL_FULL: .*its disk has no room: .*ENOSPC/);
disk.resize('64m');
const ended = await run.ended();
assert.equal(ended.status, 0, ended.stderr);
assert.match(ended.stderr, /has room again/);
assert.match(ended.stdout, /was full once, and held its lane back/);
const [{ sinks: [counts] = [] } = {}] = JSON.parse(ended.stdout).ledger.total.outputs as {
  readonly sinks?: Counts[];
}[];
assert.deepEqual(
  [counts?.given, counts?.acknowledged, counts?.failed],
  [expected.length, expected.length, 0],
);
assert.ok(readdirSync(join(directory, 'lane-0')).length > 1);

unlinkSync(`${out}.gone`);
sockflowOk(['replay', recording, '--duration', '1ms', '--sink', sink, '--quiet']);
const delivered = readFileSync(out, 'utf8').split('\n').slice(0, expected.length);
assert.deepEqual(delivered, expected);
