import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import type { ViewMode } from '../../batch/view-mode.ts';
import type { Plan } from '../../contracts/filter.ts';
import { laneOf } from '../../schema/lane-key.ts';
import { SlotMemory } from '../../slot/slot-memory.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { slotList, spanOf } from '../random-events.test.helper.ts';
import { naiveSelect } from './naive-match.test.helper.ts';
import { PlanRunner } from './plan-runner.ts';
import { anyPlan } from './random-plan.test.helper.ts';
import { ShrinkRunner } from './shrink-runner.ts';

const RUNS = { numRuns: 400 };

function runnerOf(plan: Plan, views: ViewMode = 'reused', lane = 0, lanes = 1): PlanRunner {
  return new PlanRunner(plan, { lane, lanes, views });
}

function selected(runner: PlanRunner, span: SlotSpan): number[] {
  const { raw } = runner.run(span);
  const words = [...raw.words.subarray(0, raw.size)];
  runner.release();
  return words;
}

test('a fused plan selects what decoding each event and asking each filter selects', () => {
  fc.assert(
    fc.property(slotList, anyPlan, (slots, plan) => {
      const span = spanOf(slots);
      const expected = naiveSelect(span, span.words, plan);
      assert.deepEqual(selected(runnerOf(plan), span), expected);
      assert.deepEqual(selected(runnerOf(plan, 'checked'), span), expected);
    }),
    RUNS,
  );
});

test('filters applied one after the other to batches select what the fused plan selects', () => {
  fc.assert(
    fc.property(slotList, anyPlan, (slots, plan) => {
      const span = spanOf(slots);
      const runner = runnerOf([]);
      let batch = runner.run(span) as ReturnType<ShrinkRunner['run']>;
      const whole = [...batch.raw.words.subarray(0, batch.raw.size)];
      const upstream = batch;
      for (const filter of plan) batch = new ShrinkRunner([filter]).run(batch);
      const one = [...batch.raw.words.subarray(0, batch.raw.size)];
      assert.deepEqual(one, naiveSelect(span, span.words, plan));
      assert.deepEqual([...upstream.raw.words.subarray(0, upstream.raw.size)], whole);
      assert.deepEqual(batch.markers.length, upstream.markers.length);
    }),
    RUNS,
  );
});

test('in memory too large for a cache a plan selects the same', () => {
  const large = SlotMemory.allocate(33 * 2 ** 20);
  fc.assert(
    fc.property(slotList, anyPlan, (slots, plan) => {
      const span = spanOf(slots);
      large.u32.set(span.memory.u32.subarray(0, span.endWord));
      const runner = runnerOf(plan);
      assert.deepEqual(selected(runner, { ...span, memory: large }), selected(runner, span));
    }),
    RUNS,
  );
});

test('how the slots are cut into spans does not matter', () => {
  fc.assert(
    fc.property(slotList, anyPlan, fc.array(fc.nat(60)), (slots, plan, cuts) => {
      const span = spanOf(slots);
      const ends = [...new Set(cuts.map((cut) => span.words[cut] ?? span.endWord))]
        .toSorted((a, b) => a - b)
        .concat(span.endWord);
      const runner = runnerOf(plan);
      const pieces: number[] = [];
      let startWord = 0;
      for (const endWord of ends) {
        pieces.push(...selected(runner, { ...span, startWord, endWord }));
        startWord = endWord;
      }
      assert.deepEqual(pieces, selected(runnerOf(plan), span));
    }),
    RUNS,
  );
});

test('each lane keeps its own events, and every event is in one lane', () => {
  fc.assert(
    fc.property(slotList, anyPlan, fc.integer({ min: 1, max: 5 }), (slots, plan, lanes) => {
      const span = spanOf(slots, { mayHoldOtherLanes: true });
      let lossMarkers = 0;
      let events = 0;
      for (let lane = 0; lane < lanes; lane++) {
        const runner = runnerOf(plan, 'reused', lane, lanes);
        const batch = runner.run(span);
        const { counts } = runner;
        lossMarkers += batch.markers.filter((marker) => marker.kind === 'LOSS_MARKER').length;
        events += counts.events;
        const expected = naiveSelect(
          span,
          span.words,
          plan,
          (view) => laneOf(view.laneKey, lanes) === lane,
        );
        assert.deepEqual([...batch.raw.words.subarray(0, batch.size)], expected);
        const anchors = batch.markers.filter((marker) => marker.kind === 'CLOCK_ANCHOR').length;
        assert.equal(
          anchors,
          slots.filter((slot) => slot !== 'discarded' && slot.kind === 'CLOCK_ANCHOR').length,
        );
        assert.equal(counts.filtered, counts.events - expected.length);
      }
      const all = slots.filter((slot) => slot !== 'discarded');
      const marks = all.filter((slot) => slot.kind === 'LOSS_MARKER');
      assert.equal(lossMarkers, marks.length);
      assert.equal(
        events,
        all.filter((slot) => slot.kind !== 'LOSS_MARKER' && slot.kind !== 'CLOCK_ANCHOR').length,
      );
    }),
    RUNS,
  );
});
