import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { validateRecording } from '@sockflow/source-replay/validate';
import { useTempDir } from '@sockflow/test-support';

import { assertRefused, sockflow, sockflowOk } from './sockflow-command.ts';

function truthIn(path: string): { readonly outcome: string; readonly originId: string }[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as { outcome: string; originId: string });
}

test('gen takes what the network is like, as people write it, and writes the truth', async (t) => {
  const dir = useTempDir(t);
  const what =
    '--duration 20s --rate 50 --loss 1.5% --rtt 20ms~5ms --bytes 20KiB --cgroups 5,3,1 --origins 2 --ipv6 1/3 --refused 10% --unanswered 0 --half-open 0.05';
  const files = ['made', 'again'].map((name) => {
    const path = join(dir, `${name}.sfrec`);
    sockflowOk(['gen', path, ...what.split(' '), '--truth', join(dir, `${name}.ndjson`)]);
    return path;
  });
  const [made = '', again = ''] = files;
  assert.ok(readFileSync(made).equals(readFileSync(again)), 'the recordings differ');
  const truth = readFileSync(join(dir, 'made.ndjson'));
  assert.ok(truth.equals(readFileSync(join(dir, 'again.ndjson'))), 'the truths differ');
  assert.deepEqual((await validateRecording(made)).violations, []);
  const told = truthIn(join(dir, 'made.ndjson'));
  assert.deepEqual(
    new Set(told.map(({ outcome }) => outcome)),
    new Set(['established', 'refused', 'halfOpen', 'listening']),
  );
  assert.equal(new Set(told.map(({ originId }) => originId)).size, 2);
});

test('gen says in its summary how it was told to be', (t) => {
  const path = join(useTempDir(t), 'made.sfrec');
  const args = [
    'gen',
    path,
    '--connections',
    '200',
    '--event-rate',
    '1k',
    '--origins',
    '2',
    '--json',
  ];
  const made = JSON.parse(sockflowOk(args).stdout) as Record<string, unknown>;
  assert.equal(made['connections'], 200);
  assert.equal((made['origins'] as unknown[]).length, 2);
});

test('gen refuses what does not fit together, by the names of options', (t) => {
  const path = join(useTempDir(t), 'none.sfrec');
  const cases: readonly (readonly [args: string, says: RegExp])[] = [
    ['--rate 5', /nothing says how much to make/],
    ['--connections 5 --duration 5s --rate 5', /an amount, --duration and --rate/],
    ['--connections 5 --rate 5 --event-rate 5', /--rate and --event-rate both/],
    ['--connections 5 --loss 95%', /a share from 0 to 0.9/],
    ['--connections 5 --rtt fast', /a duration such as 250ms/],
    ['--connections 5 --rtt 5ms~1ms~1ms', /one and its deviation/],
    ['--connections 5 --rtt-p99 5ms', /--rtt-p99 needs --rtt/],
    ['--connections 5 --rtt 5ms --rtt-p99 1ms', /--rtt-p99 needs --rtt/],
    ['--connections 5 --cgroups 5,x', /the weight of each/],
    ['--connections 5 --refused 60% --half-open 60%', /shares of at most 1 together/],
    [`--connections 5 --truth ${path}`, /--truth is the recording itself/],
  ];
  for (const [args, says] of cases) {
    assertRefused(sockflow(['gen', path, ...args.split(' ')]), {
      status: 2,
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
      message: says,
      place: /--|sockflow gen/,
      remedy: /^Give /,
    });
  }
  const missing = sockflow(['gen', path, '--connections', '5', '--truth', join(path, 'x', 'y')]);
  assert.match(missing.stderr, /^error ERR_SOCKFLOW_RECORDING_WRITE: .*none\.sfrec\/x\/y/m);
  assert.equal(missing.status, 1);
});
