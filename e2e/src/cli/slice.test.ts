import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';
import { openRecording } from 'sockflow';

import {
  assertRefused,
  LIVE_RECORDING,
  REAL_RECORDING,
  sockflow,
  sockflowOk,
} from './sockflow-command.ts';

function rawOf(path: string, ...filters: readonly string[]): string[] {
  const spec = 'console:?encoding=context-json';
  const { stdout } = sockflowOk(['replay', path, '--sink', spec, ...filters]);
  return stdout === '' ? [] : stdout.trimEnd().split('\n');
}

test('a slice has exactly the events that the filters let through, and says how many', (t) => {
  const output = join(useTempDir(t), 'slice.sfrec');
  const filters = ['--op', 'RTT_CB,STATE_CB', '--from', '1s', '--to', '6s'];
  const { stderr } = sockflowOk(['slice', REAL_RECORDING, output, ...filters]);
  const expected = rawOf(REAL_RECORDING, ...filters);
  assert.ok(expected.length > 100);
  assert.deepEqual(rawOf(output), expected);
  const left = (3595 - expected.length).toLocaleString('en');
  assert.match(stderr, new RegExp(`kept ${expected.length.toLocaleString('en')} of 3,595 events`));
  assert.match(stderr, new RegExp(`${left} left out; 915 KiB → `));
});

test('hosts with their clocks and HZ are in a slice even where no event of theirs is, and markers whatever the filters say', (t) => {
  const output = join(useTempDir(t), 'slice.sfrec');
  const args = ['slice', REAL_RECORDING, LIVE_RECORDING, output, '--port', '1', '--json'];
  const { slice } = JSON.parse(sockflowOk(args).stdout);
  const made = openRecording(output);
  const inputs = [REAL_RECORDING, LIVE_RECORDING].map((path) => openRecording(path));
  assert.deepEqual(
    made.origins.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    inputs.flatMap(({ origins }) => origins).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  );
  const sum = (of: 'events' | 'markers' | 'sizeBytes'): number =>
    inputs.reduce((total, input) => total + input[of], 0);
  assert.equal(made.events, 0);
  assert.equal(made.markers, sum('markers'));
  assert.deepEqual(slice, {
    eventsBefore: sum('events'),
    eventsKept: 0,
    eventsLeftOut: sum('events'),
    markersKept: sum('markers'),
    bytesBefore: sum('sizeBytes'),
    bytesAfter: statSync(output).size,
    spanUs: 0,
  });
});

test('lane groups are as asked for, and several inputs make one recording', (t) => {
  const output = join(useTempDir(t), 'both.sfrec');
  sockflowOk(['slice', REAL_RECORDING, LIVE_RECORDING, output, '--lane-groups', '8']);
  const made = openRecording(output);
  assert.equal(made.parts[0]?.laneGroups, 8);
  const sorted = (lines: readonly string[]): string[] => lines.toSorted();
  assert.deepEqual(
    sorted(rawOf(output)),
    sorted([...rawOf(REAL_RECORDING), ...rawOf(LIVE_RECORDING)]),
  );
});

test('an input is never overwritten, by no name of it', (t) => {
  const dir = useTempDir(t);
  const [input, part] = [join(dir, 'in.sfrec'), join(dir, 'cut.sfrec.part')];
  copyFileSync(REAL_RECORDING, input);
  copyFileSync(REAL_RECORDING, part);
  for (const [from, to] of [
    [input, input],
    [part, join(dir, 'cut.sfrec')],
  ] as const) {
    assertRefused(sockflow(['slice', from, to, '--port', '1']), {
      status: 2,
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
      place: /\.sfrec/,
      remedy: /another name/,
    });
    assert.deepEqual(readFileSync(from), readFileSync(REAL_RECORDING));
  }
});

test('an output that is missing, or named like another format, is refused', (t) => {
  const dir = useTempDir(t);
  assertRefused(sockflow(['slice', REAL_RECORDING]), {
    status: 2,
    code: 'ERR_SOCKFLOW_USAGE',
    place: /slice/,
    remedy: /OUT\.sfrec/,
  });
  assertRefused(sockflow(['slice', REAL_RECORDING, join(dir, 'out.csv')]), {
    status: 2,
    code: 'ERR_SOCKFLOW_USAGE',
    place: /out\.csv/,
    remedy: /\.sfrec/,
  });
  assert.ok(!existsSync(join(dir, 'out.csv')));
});

test('what is whole of a damaged recording is sliced, with a loss marker, and the damage is told', (t) => {
  const dir = useTempDir(t);
  const [input, output] = [join(dir, 'in.sfrec'), join(dir, 'out.sfrec')];
  const bytes = readFileSync(REAL_RECORDING);
  bytes[500_000]! ^= 1;
  writeFileSync(input, bytes);
  const run = sockflow(['slice', input, output]);
  assert.equal(run.status, 3);
  assert.match(run.stderr, /ERR_SOCKFLOW_RECORDING_DAMAGED/);
  const made = openRecording(output);
  assert.deepEqual([made.damage.length, made.markers], [0, 1]);
});
