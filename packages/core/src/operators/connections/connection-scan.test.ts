import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import type { OpContext } from '../../schema/generated/context-event.ts';
import { laneKey, laneOf } from '../../schema/lane-key.ts';
import { Op } from '../../schema/op.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { spanOf } from '../random-events.test.helper.ts';
import { closing, event, MS, type Records, scan } from './scan-harness.test.helper.ts';

/** Events of a few connections, each in order of time, some closing; and the cuts into batches. */
const story = fc
  .array(
    fc.record({
      cookie: fc.constantFrom(1n, 2n, 3n, 2n ** 40n, 2n ** 40n + 1n),
      gapMs: fc.constantFrom(0, 1, 3, 10, 30, 100),
      closes: fc.integer({ min: 0, max: 5 }).map((roll) => roll === 0),
      op: fc.constantFrom(Op.RTT_CB, Op.RETRANS_CB),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((steps) => {
    let atMs = 0;
    return steps.map(({ cookie, gapMs, closes, op }) => {
      atMs += gapMs;
      return closes ? closing(cookie, atMs) : event(cookie, atMs, { op });
    });
  });
const cutList = fc.array(fc.nat(60), { maxLength: 8 });
const END_MS = 20;

/** Spans of the events between the cuts, some of them empty; then one with the end time. */
function cut(events: readonly OpContext[], cuts: readonly number[], endMs: number): SlotSpan[] {
  const places = [...new Set([0, ...cuts, events.length])]
    .filter((place) => place <= events.length)
    .toSorted((a, b) => a - b);
  const spans = places.slice(1).map((place, index) => {
    const part = events.slice(places[index], place);
    const nextNs = events[place]?.ts_boot_ns ?? part.at(-1)?.ts_boot_ns ?? 0n;
    // A source knows the time of the next event, or only that of the last.
    const knownNs = index % 2 === 0 ? nextNs : (part.at(-1)?.ts_boot_ns ?? 0n);
    return spanOf(part, { endTimeUs: Number(knownNs) / 1000 });
  });
  return [...spans, spanOf([], { endTimeUs: endMs * 1000 })];
}

/** The rules in plain code, over objects. */
function reference(
  events: readonly OpContext[],
  idleMs: number,
  everyMs: number,
  endMs: number,
): string[] {
  const open = new Map<unknown, number[]>();
  const given: string[] = [];
  const give = (cookie: unknown, end: string, times: readonly number[]): void => {
    given.push(`${String(cookie)} ${end} ${times.join(',')}`);
  };
  for (const { cookie, ts_boot_ns, op } of events) {
    const at = Number(ts_boot_ns) / MS;
    let times = open.get(cookie);
    if (times !== undefined && at - times.at(-1)! >= idleMs) {
      afterwards(times, times.at(-1)! + idleMs, cookie);
      give(cookie, 'idle', times);
      times = undefined;
    }
    times ??= [];
    afterwards(times, at, cookie);
    times.push(at);
    open.set(cookie, times);
    if (op === Op.STATE_CB) {
      give(cookie, 'closed', times);
      open.delete(cookie);
    }
  }
  for (const [cookie, times] of open) {
    afterwards(times, Math.min(endMs, times.at(-1)! + idleMs), cookie);
    give(cookie, endMs - times.at(-1)! >= idleMs ? 'idle' : 'open', times);
  }
  return given.toSorted();

  /** The record of the boundary after the last event, where it was crossed. */
  function afterwards(times: readonly number[], at: number, cookie: unknown): void {
    if (times.length === 0 || everyMs === Infinity) return;
    const boundary = (Math.floor((times.at(-1)! - times[0]!) / everyMs) + 1) * everyMs;
    if (at - times[0]! >= boundary) give(cookie, 'interval', times);
  }
}

function lines(records: Records): string[] {
  return records
    .map(({ cookie, end, state }) => `${String(cookie)} ${end} ${state.times.join(',')}`)
    .toSorted();
}

test('closed, idle and open connections are those of the rules, however events are cut into batches', () => {
  fc.assert(
    fc.property(story, cutList, fc.constantFrom(5, 30, 90, Infinity), (events, cuts, idleMs) => {
      const endMs = Number(events.at(-1)!.ts_boot_ns) / MS + END_MS;
      const idle = idleMs === Infinity ? {} : { idleMs };
      const records = scan(cut(events, cuts, endMs), { emitOn: 'close', ...idle });
      assert.deepEqual(lines(records), reference(events, idleMs, Infinity, endMs));
    }),
    { numRuns: 300 },
  );
});

test('any number of lanes gives the same connections as one', () => {
  fc.assert(
    fc.property(story, cutList, fc.integer({ min: 2, max: 4 }), (events, cuts, lanes) => {
      const endMs = Number(events.at(-1)!.ts_boot_ns) / MS + END_MS;
      const options = { emitOn: 'close' as const, idleMs: 30 };
      const alone = lines(scan(cut(events, [], endMs), options));
      const spans = cut(events, cuts, endMs).map((span) => ({ ...span, mayHoldOtherLanes: true }));
      const together = Array.from({ length: lanes }, (_, lane) =>
        scan(spans, options, lane, lanes),
      );
      together.forEach((records, lane) => {
        for (const { cookie } of records) {
          const key = laneKey(Number(cookie & 0xffffffffn), Number(cookie >> 32n));
          assert.equal(laneOf(key, lanes), lane);
        }
      });
      assert.deepEqual(lines(together.flat()), alone);
    }),
    { numRuns: 150 },
  );
});

test('records in between are those of the rules, however events are cut into batches', () => {
  const everyList = fc.constantFrom(5, 20, 50);
  const idleList = fc.constantFrom(10, 40, 90, Infinity);
  fc.assert(
    fc.property(story, cutList, everyList, idleList, (events, cuts, everyMs, idleMs) => {
      const endMs = Number(events.at(-1)!.ts_boot_ns) / MS + END_MS;
      const idle = idleMs === Infinity ? {} : { idleMs };
      const records = scan(cut(events, cuts, endMs), { emitOn: { everyMs }, ...idle });
      assert.deepEqual(lines(records), reference(events, idleMs, everyMs, endMs));
    }),
    { numRuns: 400 },
  );
});
