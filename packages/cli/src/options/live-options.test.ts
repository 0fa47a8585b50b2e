import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CbFlag, isSockflowError, Kind, Op } from '@sockflow/core';
import { Command } from 'commander';

import type { OptionValues } from '../command.ts';
import { notedPlaceOf } from '../terminal/noted-place.ts';
import { durationOption, liveFilterOptions, liveOptions, readLiveSource } from './live-options.ts';
import { readLiveFilters } from './read-live-filters.ts';

function parse(...args: readonly string[]): OptionValues {
  const command = new Command().exitOverride();
  for (const option of [durationOption(), ...liveOptions(), ...liveFilterOptions()]) {
    command.addOption(option);
  }
  return command.parse(args, { from: 'user' }).opts();
}

test('without options the source goes by its own defaults, and nothing is filtered', () => {
  assert.deepEqual(readLiveSource(parse()), {});
  assert.deepEqual(readLiveFilters(parse()), { ports: [], networks: [] });
});

test('each option of the source is the setting that it names', () => {
  const line =
    '--cgroup /sys/fs/cgroup/web --request-cb-flags rtt|STATE --rtt off --ring-size 64MiB --existing own-netns --btf /tmp/btf --duration 1.5s';
  const values = parse(...line.split(' '));
  assert.deepEqual(readLiveSource(values), {
    cgroup: '/sys/fs/cgroup/web',
    cbFlags: CbFlag.RTT | CbFlag.STATE,
    rtt: 'off',
    ringBytes: 64 * 2 ** 20,
    existing: 'own-netns',
    btfPath: '/tmp/btf',
  });
  assert.equal(values['duration'], 1500);
});

test('a duration is more than nothing and no longer than a timer', () => {
  assert.equal(parse('--duration', '24d')['duration'], 24 * 86_400_000);
  for (const text of ['0s', '25d', '10']) {
    assert.throws(
      () => parse('--duration', text),
      (error) => isSockflowError(error) && (error.remedy ?? '').includes('Give --duration'),
      text,
    );
  }
});

test('--op asks and filters; samples are folded beside it only where --rtt says so', () => {
  const state = parse('--op', 'STATE_CB,retrans');
  const ops = [Op.STATE_CB, Op.RETRANS_CB];
  assert.deepEqual(readLiveSource(state), { ops, rtt: 'off' });
  assert.deepEqual(readLiveFilters(state).ops, ops);

  const folded = parse('--op', 'STATE_CB', '--rtt', 'folded');
  assert.deepEqual(readLiveSource(folded), { ops: [Op.STATE_CB], rtt: 'folded' });
  const { ops: filtered, kinds } = readLiveFilters(folded);
  assert.deepEqual([filtered, kinds], [undefined, [Kind.OP, Kind.RTT_SUMMARY]]);

  assert.deepEqual(readLiveSource(parse('--op', 'RTT_CB')), { ops: [Op.RTT_CB] });
});

test('--op all asks for everything and filters nothing', () => {
  for (const args of [
    ['--op', 'all'],
    ['--op', 'ALL', '--op', 'RTT_CB'],
  ]) {
    const values = parse(...args);
    assert.deepEqual(readLiveSource(values), { ops: 'all' });
    assert.equal(readLiveFilters(values).ops, undefined);
  }
});

test('a time is counted from now, on the clock of the events', () => {
  const { time } = readLiveFilters(parse('--from', '10s'));
  const uptimeNs = process.hrtime.bigint();
  const startNs = time?.startNs ?? 0n;
  // Time asleep counts in one of the clocks only.
  assert.ok(startNs > uptimeNs + 9_000_000_000n, `${startNs} ${uptimeNs}`);
});

test('an error of the source names the flag', () => {
  for (const [args, place] of [
    [['--ring-size', '5000'], '--ring-size'],
    [['--op', '99'], '--op'],
    [['--op', 'RTT_CB', '--rtt', 'off'], '--rtt'],
  ] as const) {
    assert.throws(
      () => readLiveSource(parse(...args)),
      (error) => isSockflowError(error) && notedPlaceOf(error) === place,
      args.join(' '),
    );
  }
});
