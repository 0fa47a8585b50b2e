import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type LaneSource, SOURCE_END, type SOURCE_IDLE } from '../contracts/source.ts';
import { baseOrigin, type Origin } from '../schema/origin.ts';
import { SlotMemory } from '../slot/slot-memory.ts';
import type { SlotSpan } from '../slot/slot-span.ts';
import { walkSlots } from '../slot/walk-slots.ts';
import { writeContextEvent } from '../slot/write-context-event.ts';
import { writeClockAnchor } from '../slot/write-marker.ts';
import { ClockedLane } from './clocked-lane.ts';

const ORIGIN: Origin = { id: 'host', hz: 250, clock: { bootNs: 0n, realtimeNs: 1000n } };
const OTHER: Origin = { id: 'other', clock: { bootNs: 0n, realtimeNs: 9000n } };

/** An event at a boot time, or the wall clock at one. */
type Step = number | { readonly atNs: number; readonly realtimeNs: number };

function spanOf(steps: readonly Step[], origin: Origin, endTimeUs: number): SlotSpan {
  const memory = SlotMemory.allocate(Math.max(1, steps.length) * 256);
  let word = 0;
  for (const step of steps) {
    const bytes =
      typeof step === 'number'
        ? writeContextEvent(memory, word, {
            ts_boot_ns: BigInt(step),
            op: 11,
            family: 2,
            is_fullsock: 1,
            state: 10,
            local_port: 443,
            remote_port: 0,
            cookie: 1n,
          })
        : writeClockAnchor(memory, word, {
            tsNs: BigInt(step.atNs),
            realtimeNs: BigInt(step.realtimeNs),
            monotonicNs: 0n,
            uncertaintyNs: 0n,
          });
    word += bytes / 4;
  }
  return {
    memory,
    startWord: 0,
    endWord: word,
    origin,
    mayBeBusy: false,
    mayHoldOtherLanes: false,
    mayHoldMarkers: steps.some((step) => typeof step !== 'number'),
    endTimeUs,
  };
}

/** What a lane is given: for each span, its slots' boot and wall times, its end time, and whether its origin is that of the source. */
function taken(spans: readonly SlotSpan[]): string[] {
  const list = [...spans];
  const walked: (number | undefined)[] = [];
  const source: LaneSource = {
    next(walkedToWord?: number): SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END {
      walked.push(walkedToWord);
      return list.shift() ?? SOURCE_END;
    },
    wait: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const lane = new ClockedLane(source);
  const texts: string[] = [];
  let walkedToWord: number | undefined;
  for (let span = lane.next(); typeof span === 'object'; span = lane.next(walkedToWord)) {
    const { origin, memory, endTimeUs, endWord } = span;
    const clock = origin.clock ?? { bootNs: 0n, realtimeNs: 0n };
    const times: string[] = [];
    walkSlots(span, (word) => {
      const bootNs = memory.big[word / 2 + 2]!;
      times.push(`${bootNs}→${bootNs - clock.bootNs + clock.realtimeNs}`);
    });
    assert.ok([ORIGIN, OTHER].includes(baseOrigin(origin)));
    texts.push(`${origin.id} ${times.join(' ')} until ${endTimeUs}`);
    walkedToWord = endWord;
  }
  // The source is told where the walk of its own span ended, not of a piece.
  assert.deepEqual(
    walked.slice(1),
    spans.map(({ endWord }) => endWord),
  );
  return texts;
}

test('from a clock anchor on, wall time is by its clocks, in the middle of a span and in those that follow', () => {
  const forward = { atNs: 30, realtimeNs: 5030 };
  const back = { atNs: 60, realtimeNs: 160 };
  assert.deepEqual(
    taken([
      spanOf([10, 20], ORIGIN, 1),
      spanOf([25, forward, 40], ORIGIN, 2),
      spanOf([50], ORIGIN, 3),
      spanOf([back, 70], ORIGIN, 4),
      spanOf([80], OTHER, 9),
      spanOf([], ORIGIN, 5),
    ]),
    [
      'host 10→1010 20→1020 until 1',
      // What follows the piece may be older than the span's end: it keeps the time of the span before.
      'host 25→1025 until 1',
      'host 30→5030 40→5040 until 2',
      'host 50→5050 until 3',
      'host 60→160 70→170 until 4',
      'other 80→9080 until 9',
      'host  until 5',
    ],
  );
});

test('an anchor that says what was known changes nothing, and several in a span are pieces each', () => {
  const same = { atNs: 30, realtimeNs: 1030 };
  assert.deepEqual(taken([spanOf([same, 40], ORIGIN, 2)]), ['host 30→1030 40→1040 until 2']);
  const steps = [10, { atNs: 20, realtimeNs: 2020 }, 25, { atNs: 30, realtimeNs: 3030 }, 40];
  assert.deepEqual(taken([spanOf(steps, ORIGIN, 2)]), [
    'host 10→1010 until 0',
    'host 20→2020 25→2025 until 0',
    'host 30→3030 40→3040 until 2',
  ]);
});

test('an origin without a clock has wall time from its first anchor on', () => {
  const blind: Origin = { id: 'host' };
  const lane = new ClockedLane({
    next: () => spanOf([10, { atNs: 20, realtimeNs: 500 }, 30], blind, 1),
    wait: () => Promise.resolve(),
    close: () => Promise.resolve(),
  });
  const [first, second] = [lane.next(), lane.next()];
  assert.ok(typeof first === 'object' && typeof second === 'object');
  assert.deepEqual(second.origin, { id: 'host', clock: { bootNs: 20n, realtimeNs: 500n } });
  assert.equal(baseOrigin(second.origin), blind);
});
