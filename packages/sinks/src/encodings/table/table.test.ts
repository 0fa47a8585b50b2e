import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';

import { type ContextEvent, type Origin, SlotMemory, writeContextEvent } from '@sockflow/core';

import { batchOf, ORIGIN } from '../../batch-of.test.support.ts';
import { encodedText } from '../encoded-text.test.support.ts';
import { wantsColors } from './colors.ts';
import { printable } from './printable.ts';
import { table, type TableOptions } from './table.ts';
import { bytesText, durationText, errnoText } from './units.ts';

const EVENT = {
  ts_boot_ns: '4824048839939',
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
  owner_pid: 12,
  owner_comm: 'curl\u001b[2J',
  owner_role: 1,
  snd_cwnd: 10,
} as unknown as ContextEvent;

function rowsOf(
  events: readonly object[],
  origin: Origin = ORIGIN,
  hasColors = false,
  maxColumns = Infinity,
): string[] {
  const memory = SlotMemory.allocate(events.length * 320);
  const words = events.map((event, index) => {
    writeContextEvent(memory, index * 80, { ...EVENT, ...event });
    return index * 80;
  });
  const encoder = table({ hasColors, maxColumns }).createEncoder();
  return encodedText(encoder, (to, out) => to.encodeBatch(batchOf(memory, words, origin), out))
    .trimEnd()
    .split('\n');
}

/** The cells of a row: columns are two spaces apart. */
function cells(row: string | undefined): string[] {
  return (row ?? '').trim().split(/ {2,}/);
}

test('an event is a row of time, op, both ends, state, facts and owner', () => {
  const [header, row] = rowsOf([{}]);
  assert.deepEqual(cells(header), ['SINCE BOOT', 'EVENT', 'LOCAL', 'REMOTE', 'STATE', 'FACTS']);
  assert.deepEqual(cells(row), [
    '4824.048840',
    'RTT_CB',
    '10.203.0.1:42420',
    '→',
    '10.203.0.2:443',
    'ESTABLISHED',
    'rtt 45 us',
    'srtt 12 us',
    'cwnd 10',
    'curl\\x1b[2J[12]',
  ]);
});

test('the wall clock is shown where the origin has one', () => {
  const clock = { bootNs: 4824048839939n, realtimeNs: 1_780_000_000_000_001_999n };
  const [header, row] = rowsOf([{}], { ...ORIGIN, clock });
  assert.deepEqual([cells(header)[0], cells(row)[0]], ['TIME (UTC)', '20:26:40.000001']);
});

test('with dates a row has the whole time, exact to the microsecond, and with a text for what is empty as many words for a listener', () => {
  const memory = SlotMemory.allocate(3 * 320);
  const clock = { bootNs: 0n, realtimeNs: 1_780_000_000_000_000_000n };
  // Above 2^53 ns a number cannot tell one microsecond from the next.
  const times = [1n, 999_999_999n, 104n * 86_400_000_000_000n + 59_999_999_999n];
  const words = times.map((time, index) => {
    const state = index === 1 ? { op: 11, state: 10, remote_port: 0, owner_role: 0 } : {};
    writeContextEvent(memory, index * 80, { ...EVENT, ts_boot_ns: `${time}` as never, ...state });
    return index * 80;
  });
  const options: TableOptions = { time: 'date', empty: '-', hasHeader: false };
  const text = encodedText(table(options).createEncoder(), (to, out) =>
    to.encodeBatch(batchOf(memory, words, { ...ORIGIN, clock }), out),
  );
  const rows = text
    .trimEnd()
    .split('\n')
    .map((row) => row.split(/ +/).slice(0, 6));
  const listener = rows[1]!;
  assert.deepEqual(
    rows.map(([time]) => time),
    times.map((time) => {
      const us = (time + clock.realtimeNs) / 1000n;
      const date = new Date(Number(us / 1000n)).toISOString().slice(0, -1);
      return `${date}${String(us % 1000n).padStart(3, '0')}Z`;
    }),
  );
  assert.deepEqual(listener.slice(3), ['-', '-', 'LISTEN']);
  assert.equal(listener.length, rows[0]!.length);
});

test('each op shows its own facts', () => {
  const facts = (event: object): string =>
    cells(rowsOf([event])[1])
      .slice(6, -1)
      .join('  ');
  assert.equal(facts({ op: 10, args: [1, 4, 0, 0] }), '→ FIN_WAIT1');
  assert.equal(
    facts({ op: 10, args: [4, 7, 0, 0], bytes_received: '1234', bytes_acked: '12', sk_err: 111 }),
    '→ CLOSE  in 1.23 kB  out 12 B  ECONNREFUSED',
  );
  assert.equal(facts({ op: 8, args: [2, 51, 1, 0] }), 'timeout 204 ms  in a row 2  given up');
  assert.equal(
    facts({ op: 9, args: [77, 1, 4294967285, 0], total_retrans: 3 }),
    '1 segment  seq 77  not sent: EAGAIN  total 3',
  );
  assert.equal(facts({ op: 13, has_skb: 1, skb_tcp_flags: 0x12, skb_len: 60 }), 'SYN|ACK  len 60');
});

test('columns keep their place while events come, and widen where a longer address does not fit', () => {
  const ip6 = {
    family: 10,
    remote_ip6: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    local_ip6: [1021, 0, 0, 16777216],
  };
  const rows = rowsOf([{}, { op: 4 }, ip6, {}]);
  const stateAt = rows.map((row) => row.indexOf('ESTABLISHED', 40));
  assert.equal(stateAt[1], stateAt[2]);
  assert.ok(stateAt[3]! > stateAt[2]!);
  assert.equal(stateAt[4], stateAt[3]);
});

test('losses and clock anchors are lines in their place and count as no event', () => {
  const memory = SlotMemory.allocate(640);
  writeContextEvent(memory, 0, EVENT);
  const loss = {
    kind: 'LOSS_MARKER',
    beforeIndex: 0,
    tsNs: 5_000_000n,
    gapStartNs: 1_000_000n,
    lostRingFull: 3,
    lostShedFirst: 0,
    lostShedLast: 1,
    lostDamaged: 0,
    lane: 2,
  } as const;
  const text = encodedText(table().createEncoder(), (to, out) =>
    to.encodeBatch(batchOf(memory, [0], ORIGIN, [loss]), out),
  );
  assert.equal(
    text.split('\n')[0],
    '-- 4 events lost within 4.00 ms: ring full 3, shed last 1 (lane 2) --',
  );
});

test('derived values are rows under a header of their keys, again when the keys change', () => {
  const text = encodedText(table().createEncoder(), (to, out) => {
    to.encodeValue({ connection: '10.0.0.1:1', retransmits: 7 }, out);
    to.encodeValue({ connection: 'größe', retransmits: 10n }, out);
    to.encodeValue({ other: new Map([['a', 1]]), evil: '\u001b[31m\n' }, out);
    to.encodeValue('plain', out);
    to.encodeValue([1, 2], out);
    to.encodeValue(undefined, out);
  });
  assert.deepEqual(text.split('\n'), [
    'connection  retransmits',
    '10.0.0.1:1            7',
    'größe                10',
    'other    evil',
    '{"a":1}  \\x1b[31m\\x0a',
    'plain',
    '[1,2]',
    'undefined',
    '',
  ]);
});

test('an object of many keys is one line of key=value', () => {
  const value = Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`k${index}`, index]));
  const text = encodedText(table().createEncoder(), (to, out) => to.encodeValue(value, out));
  assert.ok(text.startsWith('k0=0 k1=1 ') && text.endsWith(' k12=12\n'));
});

test('colours surround texts and change no width', () => {
  const [plain] = [rowsOf([{ op: 9 }])];
  const colored = rowsOf([{ op: 9 }], ORIGIN, true);
  assert.deepEqual(
    colored.map((row) => stripVTControlCharacters(row)),
    plain,
  );
  assert.ok(colored[1]!.includes('\u001b[31mRETRANS_CB\u001b[0m'));
});

test('NO_COLOR wins over everything, FORCE_COLOR over what looks at the output', () => {
  assert.equal(wantsColors(1, { NO_COLOR: '1', FORCE_COLOR: '1' }), false);
  assert.equal(wantsColors(99, { FORCE_COLOR: '1' }), true);
  assert.equal(wantsColors(99, { FORCE_COLOR: '0' }), false);
  assert.equal(wantsColors(99, {}), false);
});

test('units are as people write them, and no control character gets through', () => {
  assert.deepEqual([0, 999, 1000, 12_345, 999_999, 2_050_000].map(durationText), [
    '0 us',
    '999 us',
    '1.00 ms',
    '12.3 ms',
    '1000 ms',
    '2.05 s',
  ]);
  assert.deepEqual([999, 1234, 38_100_000, 5e9].map(bytesText), [
    '999 B',
    '1.23 kB',
    '38.1 MB',
    '5.00 GB',
  ]);
  assert.deepEqual([110, 4095].map(errnoText), ['ETIMEDOUT', 'errno 4095']);
  assert.equal(printable('a\u009b\u2028é'), 'a\\x9b\\u2028é');
});

test('a row that is wider than the terminal is continued on a second line, before its state', () => {
  const [head, headRest, first, second, ...more] = rowsOf([{}], ORIGIN, false, 90);
  const [wideHead, wide] = rowsOf([{}]);
  assert.deepEqual(more, []);
  assert.match(headRest ?? '', /^ {17}STATE +FACTS$/);
  assert.match(second ?? '', /^ {17}ESTABLISHED {2}/);
  for (const line of [head, first, second]) assert.ok((line ?? '').length <= 90, line);
  const words = (text: string): string[] => text.trim().split(/\s+/);
  assert.deepEqual([...words(head ?? ''), ...words(headRest ?? '')], words(wideHead ?? ''));
  assert.deepEqual([...words(first ?? ''), ...words(second ?? '')], words(wide ?? ''));
});

test('a view is shown as the event that it shows, alone and in a cell', () => {
  const memory = SlotMemory.allocate(320);
  writeContextEvent(memory, 0, EVENT);
  const batch = batchOf(memory, [0]);
  const text = encodedText(table().createEncoder(), (to, out) => {
    to.encodeValue(batch.at(0), out);
    to.encodeValue({ event: batch.at(0), n: 1 }, out);
    to.encodeValue([batch], out);
  });
  const [alone = '', header, row = '', list = ''] = text.split('\n');
  assert.ok(/(^| )op=RTT_CB( |$)/.test(alone) && / localPort=42420 /.test(alone), alone);
  assert.deepEqual(cells(header), ['event', 'n']);
  const json = '"cookie":"7"';
  for (const line of [row, list]) assert.ok(line.includes(json) && !line.includes('u32'), line);
});
