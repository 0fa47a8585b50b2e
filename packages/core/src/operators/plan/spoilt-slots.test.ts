/* Slots of real events with words that no writer wrote, walked by every loop there is: they must agree, stay in their span, and give values of the types they promise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import type { Plan } from '../../contracts/filter.ts';
import { isSockflowError } from '../../errors.ts';
import { ACCESSORS } from '../../schema/accessors.ts';
import type { ContextEvent } from '../../schema/generated/context-event.ts';
import type { EventView } from '../../schema/generated/view-types.ts';
import { readContextEvent } from '../../slot/read-context-event.ts';
import { realLines } from '../../slot/real-events.test.helper.ts';
import { SlotMemory } from '../../slot/slot-memory.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { walkSlots } from '../../slot/walk-slots.ts';
import { NO_ROOM, writeContextEvent } from '../../slot/write-context-event.ts';
import { PlanRunner } from './plan-runner.ts';
import { anyFilter } from './random-plan.test.helper.ts';

const LINES = realLines().filter((_, index) => index % 97 === 0);
const SLOTS = 12;
const KIND_WORD = 2;
/** The loops are compiled once for each plan: half of them, so that most inputs cost little. */
const PLANS = fc.sample(fc.array(anyFilter, { maxLength: 3 }), { numRuns: 24, seed: 7 });
// oxfmt-ignore
const WORDS: readonly number[] = [
  0, 1, 3, 4, 5, 7, 63, 64, 128, 192, 247, 248, 249, 256, 312, 376, 760, 65528,
  0x3ffffff8, 0x400000f8, 0x40000038, 0x7fffffff, 0x800000f8, 0x80000000, 0xc00000f8, 0xffffffff,
];

interface Spoilt {
  /** In words from the start of the memory. */
  readonly at: number;
  readonly value: number;
}

interface Input {
  readonly first: number;
  readonly changes: readonly Spoilt[];
  readonly plan: number;
  readonly lanes: number;
  readonly flags: number;
  readonly cutSteps: number;
}

const anyChange = fc.oneof(
  // Where a slot begins: its length, BUSY and DISCARD.
  fc.record({ at: fc.nat(SLOTS).map((slot) => slot * 64), value: fc.constantFrom(...WORDS) }),
  // Kind, op, presence, times, and what follows.
  fc.record({
    at: fc
      .tuple(fc.nat(SLOTS), fc.constantFrom(2, 2, 3, 4, 5, 8, 9, 11))
      .map(([s, w]) => s * 64 + w),
    value: fc.oneof(fc.constantFrom(...WORDS), fc.nat(0xffffffff)),
  }),
  fc.record({
    at: fc.nat(SLOTS * 80),
    value: fc.oneof(fc.constantFrom(...WORDS), fc.nat(0xffffffff)),
  }),
);
const anyInput: fc.Arbitrary<Input> = fc.record({
  first: fc.nat(LINES.length - 1),
  changes: fc.array(anyChange, { maxLength: 5 }),
  plan: fc.nat(PLANS.length - 1),
  lanes: fc.integer({ min: 1, max: 3 }),
  flags: fc.nat(7),
  cutSteps: fc.nat(6),
});

const memory = SlotMemory.allocate(SLOTS * 512);

function spanOf({ first, changes, flags, cutSteps }: Input): SlotSpan {
  memory.u32.fill(0);
  let word = 0;
  for (let slot = 0; slot < SLOTS; slot++) {
    const line = LINES[(first + slot) % LINES.length];
    if (line !== undefined) word += writeContextEvent(memory, word, line) / 4;
  }
  for (const { at, value } of changes) memory.u32[at] = value;
  return {
    memory,
    startWord: 0,
    endWord: Math.max(0, word - cutSteps * 16),
    origin: { id: 'host', hz: 250, clock: { bootNs: 1n, realtimeNs: 2n } },
    mayBeBusy: (flags & 1) !== 0,
    mayHoldOtherLanes: (flags & 2) !== 0,
    mayHoldMarkers: (flags & 4) !== 0,
    endTimeUs: 0,
  };
}

const runners = new Map<string, PlanRunner>();

function runnerOf(plan: number, lanes: number, views: 'checked' | 'reused'): PlanRunner {
  const key = `${plan} ${lanes} ${views}`;
  const known = runners.get(key);
  if (known !== undefined) return known;
  const filters: Plan = plan < 0 ? [] : (PLANS[plan] ?? []);
  const runner = new PlanRunner(filters, { lane: 0, lanes, views });
  runners.set(key, runner);
  return runner;
}

function check(input: Input): void {
  const span = spanOf(input);
  const walked: number[] = [];
  const walk = walkSlots(span, (word, bytes) => {
    assert.ok(word % 16 === 0 && bytes % 64 === 0 && bytes >= 256);
    assert.ok(word + bytes / 4 <= span.endWord, 'a slot that leaves its span');
    walked.push(word);
  });
  const all = runnerOf(-1, input.lanes, 'checked');
  const batch = all.run(span);
  const { counts } = all;
  const isMarker = (word: number): boolean => [4, 5].includes(memory.u32[word + KIND_WORD]! & 255);
  assert.equal(counts.damaged, walk.badSlots);
  assert.equal(counts.stopWord, walk.endWord);
  const selected = [...batch.raw.words.subarray(0, batch.size)];
  const expected = walked.filter((word) => !isMarker(word) || !span.mayHoldMarkers);
  if (span.mayHoldOtherLanes) assert.ok(selected.every((word) => expected.includes(word)));
  else assert.deepEqual(selected, expected);
  for (const event of batch) checkValues(event);
  for (const marker of batch.markers) assert.ok(marker.beforeIndex <= batch.size);
  batch.toObjects();
  all.release();
  for (const word of walked) checkContext(word);
  const some = runnerOf(input.plan, input.lanes, 'reused');
  const filtered = some.run(span);
  const words = [...filtered.raw.words.subarray(0, filtered.size)];
  assert.ok(
    words.every((word) => selected.includes(word)),
    'a filter that adds',
  );
  filtered.forEach((event) => void event.tsUs);
  some.release();
}

function checkValues(event: EventView): void {
  for (const { name } of ACCESSORS) {
    const value = (event as unknown as Record<string, unknown>)[name];
    if (typeof value === 'number') assert.ok(Number.isFinite(value), `${name}: ${value}`);
    if (typeof value === 'bigint' && value < 0n) assert.fail(`${name}: ${value}`);
  }
}

/** What a slot says as raw fields goes into a slot of its own or is refused with a code; from then on it stays as it is. */
function checkContext(word: number): void {
  const once = rewritten(() => readContextEvent(memory, word));
  if (once === undefined) return;
  assert.deepEqual(
    rewritten(() => once),
    once,
  );
}

function rewritten(read: () => ContextEvent): ContextEvent | undefined {
  try {
    return writeContextEvent(scratch, 0, read()) === NO_ROOM
      ? undefined
      : readContextEvent(scratch, 0);
  } catch (error) {
    assert.ok(isSockflowError(error), String(error));
    return undefined;
  }
}

const scratch = SlotMemory.allocate(1 << 17);

for (const [title, options] of [
  ['the same inputs each time', { seed: 1 }],
  ['others each time', {}],
] as const) {
  test(`spoilt slots: every walk sees the same ones, in their span, with values of their types: ${title}`, () => {
    fc.assert(fc.property(anyInput, check), { numRuns: 800, ...options });
  });
}
