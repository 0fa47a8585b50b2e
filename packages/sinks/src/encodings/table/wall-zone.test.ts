import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type ContextEvent, SlotMemory, writeContextEvent } from '@sockflow/core';

import { batchOf, ORIGIN } from '../../batch-of.test.support.ts';
import { encodedText } from '../encoded-text.test.support.ts';
import { table, type TableOptions } from './table.ts';
import { LocalOffsets, wallTimeText, wantedZone } from './wall-zone.ts';

const NS_PER_MS = 1_000_000n;
const EVENT = {
  op: 12,
  family: 2,
  args: [45, 96, 0, 0],
  remote_ip4: 0x0200cb0a,
  local_ip4: 0x0100cb0a,
  remote_port: 0xbb010000,
  local_port: 42420,
  is_fullsock: 1,
  state: 1,
  cookie: '7',
};

/** Runs it where the machine's zone is `zone`: Node hears of a change of TZ. */
function inZone<T>(zone: string, look: () => T): T {
  const before = process.env['TZ'];
  process.env['TZ'] = zone;
  try {
    return look();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}

/** The times of a table's rows, of events 456 us after moments of UTC, and of a clock anchor before them. */
function timesOf(moments: readonly string[], options: TableOptions): string[] {
  const clock = { bootNs: 0n, realtimeNs: 1_000_000_000n * NS_PER_MS };
  const memory = SlotMemory.allocate(moments.length * 320);
  const bootNs = moments.map(
    (moment) => BigInt(Date.parse(moment)) * NS_PER_MS + 456_000n - clock.realtimeNs,
  );
  const words = bootNs.map((ns, index) => {
    const event = { ...EVENT, ts_boot_ns: `${ns}` } as unknown as ContextEvent;
    writeContextEvent(memory, index * 80, event);
    return index * 80;
  });
  const anchor = {
    kind: 'CLOCK_ANCHOR',
    beforeIndex: 0,
    tsNs: bootNs[0] ?? 0n,
    realtimeNs: (bootNs[0] ?? 0n) + clock.realtimeNs,
  } as never;
  const text = encodedText(table(options).createEncoder(), (to, out) =>
    to.encodeBatch(batchOf(memory, words, { ...ORIGIN, clock }, [anchor]), out),
  );
  const [clockLine = '', head = '', ...rows] = text.trimEnd().split('\n');
  const anchored = /is (\S+) --$/.exec(clockLine)?.[1] ?? clockLine;
  return [anchored, ...[head, ...rows].map((row) => row.trim().split(/ {2,}/)[0] ?? '')];
}

test('local times carry the offset of the zone, half an hour too, as dates and as times of day', () => {
  const moments = ['2026-11-24T09:26:28.297Z', '2026-12-31T23:59:59.999Z'];
  inZone('Asia/Kolkata', () => {
    assert.deepEqual(timesOf(moments, { zone: 'local', time: 'date' }), [
      '2026-11-24T14:56:28.297+05:30',
      'TIME (LOCAL)',
      '2026-11-24T14:56:28.297456+05:30',
      '2027-01-01T05:29:59.999456+05:30',
    ]);
    assert.deepEqual(timesOf(moments, { zone: 'local' }).slice(2), [
      '14:56:28.297456+05:30',
      '05:29:59.999456+05:30',
    ]);
    assert.deepEqual(timesOf(moments, { time: 'date' }), [
      '2026-11-24T09:26:28.297Z',
      'TIME (UTC)',
      '2026-11-24T09:26:28.297456Z',
      '2026-12-31T23:59:59.999456Z',
    ]);
  });
  inZone('America/St_Johns', () => {
    assert.equal(timesOf(moments, { zone: 'local' })[2], '05:56:28.297456-03:30');
  });
});

test('the offset changes at the event after the clocks were changed, and back where the order of events goes back', () => {
  inZone('Europe/Berlin', () => {
    const autumn = [
      '2026-10-25T00:59:59.999Z',
      '2026-10-25T01:00:00Z',
      '2026-10-25T00:59:59.999Z',
      '2026-10-25T01:59:59Z',
    ];
    assert.deepEqual(timesOf(autumn, { zone: 'local' }).slice(2), [
      '02:59:59.999456+02:00',
      '02:00:00.000456+01:00',
      '02:59:59.999456+02:00',
      '02:59:59.000456+01:00',
    ]);
    const spring = ['2026-03-29T00:59:59.999Z', '2026-03-29T01:00:00Z'];
    assert.deepEqual(timesOf(spring, { zone: 'local', time: 'date' }).slice(2), [
      '2026-03-29T01:59:59.999456+01:00',
      '2026-03-29T03:00:00.000456+02:00',
    ]);
  });
});

test('one look for each quarter of an hour is enough where offsets change', () => {
  // Lord Howe changes by half an hour at 15:30 UTC, Chatham's offset is 13:45 or 12:45.
  for (const zone of ['Europe/Berlin', 'Australia/Lord_Howe', 'Pacific/Chatham', 'Asia/Tehran']) {
    inZone(zone, () => {
      const offsets = new LocalOffsets();
      let changes = 0;
      let last: number | undefined;
      const end = Date.parse('2022-01-01T00:00:00Z') / 1000;
      for (let second = Date.parse('2021-01-01T00:00:00Z') / 1000; second < end; second += 300) {
        const minutes = offsets.minutesAt(second);
        assert.equal(minutes, -new Date(second * 1000).getTimezoneOffset(), `${zone} ${second}`);
        if (last !== undefined && minutes !== last) changes += 1;
        last = minutes;
      }
      assert.equal(changes, 2, zone);
    });
  }
});

test('dates among derived values are shown in the zone, and what is no date as what it is', () => {
  inZone('Asia/Kolkata', () => {
    const date = new Date('2026-11-24T09:26:28.297Z');
    const shown = (options: TableOptions): string =>
      encodedText(table(options).createEncoder(), (to, out) => to.encodeValue({ date }, out));
    assert.equal(shown({ zone: 'local' }).split('\n')[1], '2026-11-24T14:56:28.297+05:30');
    assert.equal(shown({}).split('\n')[1], '2026-11-24T09:26:28.297Z');
    assert.throws(() => wallTimeText(new Date(Number.NaN), 'local'), RangeError);
  });
});

test('the environment names the zone of a console; what it names wrongly is left to the command line', () => {
  assert.equal(wantedZone({}), 'local');
  assert.equal(wantedZone({ SOCKFLOW_TIME: 'utc' }), 'utc');
  assert.equal(wantedZone({ SOCKFLOW_TIME: 'mars' }), 'local');
});
