import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import * as fc from 'fast-check';
import { bufferCount, delay, lastValueFrom, map, type Observable, take, toArray } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { ViewMode } from '../batch/view-mode.ts';
import { SOURCE_END } from '../contracts/source.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import { Op } from '../schema/op.ts';
import { applyFilter } from './apply-filter.ts';
import { filterOp } from './filter-op.ts';
import { fromSource } from './from-source.ts';
import { naiveSelect } from './plan/naive-match.test.helper.ts';
import { anyPlan } from './plan/random-plan.test.helper.ts';
import { PressureGate } from './pressure-gate.ts';
import { slotList, spanOf } from './random-events.test.helper.ts';
import { spanSource } from './span-source.test.helper.ts';
import { withGate } from './subscription-context.ts';
import { toObjects } from './to-objects.ts';
import { where } from './where.ts';

const EMPTY = spanOf([]);

test('in-process, a source gives what its plan selects, each subscription from the start', async () => {
  await fc.assert(
    fc.asyncProperty(slotList, anyPlan, async (slots, plan) => {
      const span = spanOf(slots);
      let batches = fromSource(spanSource([span, span], { idleEvery: 2 }));
      for (const filter of plan) batches = applyFilter(filter)(batches);
      const words = batches.pipe(
        map((batch) => [...batch.raw.words.subarray(0, batch.size)]),
        toArray(),
      );
      const expected = naiveSelect(span, span.words, plan);
      // A span may be given in pieces: one ends before a clock anchor that changes the wall clock.
      const all = [...expected, ...expected];
      assert.deepEqual((await lastValueFrom(words)).flat(), all);
      assert.deepEqual((await lastValueFrom(words)).flat(), all);
    }),
    { numRuns: 40 },
  );
});

test('everything that was opened is closed: at the end, on unsubscribing, and after a failure', async () => {
  const log = { asked: 0, opened: 0, closedLanes: 0, closed: 0 };
  const source = fromSource(spanSource([EMPTY, EMPTY, EMPTY], { log }));
  await lastValueFrom(source.pipe(map((batch) => batch.size)));
  assert.deepEqual(log, { asked: 4, opened: 1, closedLanes: 1, closed: 1 });
  await lastValueFrom(
    source.pipe(
      map((batch) => batch.size),
      take(1),
    ),
  );
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  assert.deepEqual(log, { asked: 5, opened: 2, closedLanes: 2, closed: 2 });
  const failing = source.pipe(
    map(() => {
      throw new Error('mine');
    }),
  );
  await assert.rejects(lastValueFrom(failing), { message: 'mine' });
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  assert.deepEqual(log, { asked: 6, opened: 3, closedLanes: 3, closed: 3 });
});

test('who leaves a live source ends its wait: it is stopped and closed at once, though nothing comes', async () => {
  const gate = new PressureGate();
  gate.close();
  for (const gates of [[], [gate]]) {
    const log = { asked: 0, opened: 0, closedLanes: 0, closed: 0, stopped: 0 };
    const source = fromSource(spanSource([EMPTY], { isLive: true, log }));
    const batches = source.pipe(map((batch) => batch.size));
    const [only] = gates;
    const subscription =
      only === undefined ? batches.subscribe() : withGate(only, () => batches.subscribe());
    await sleep(5);
    assert.equal(log.opened, 1);
    subscription.unsubscribe();
    await sleep(0);
    assert.deepEqual([log.closedLanes, log.stopped, log.closed], [1, 1, 1]);
  }
});

test('who leaves while a source is being opened leaves nothing open', async () => {
  const log = { asked: 0, opened: 0, closedLanes: 0, closed: 0, stopped: 0 };
  const source = fromSource(spanSource([EMPTY], { isLive: true, log }));
  source.subscribe().unsubscribe();
  await sleep(5);
  assert.deepEqual(log, { asked: 0, opened: 1, closedLanes: 1, closed: 1, stopped: 1 });
});

test('a source that cannot be stopped is closed, and fails the stream', async () => {
  const log = { asked: 0, opened: 0, closedLanes: 0, closed: 0, stopped: 0 };
  const source = spanSource([EMPTY], { isLive: true, log, stopError: new Error('it holds on') });
  const ended: typeof source = {
    ...source,
    openLane: async (context) => ({
      ...(await source.openLane(context)),
      next: () => SOURCE_END,
    }),
  };
  const sizes = fromSource(ended).pipe(map((batch) => batch.size));
  await assert.rejects(lastValueFrom(sizes), { message: 'it holds on' });
  assert.deepEqual([log.stopped, log.closed], [1, 1]);
});

test('a filter for an op that the source does not report fails at the start', async () => {
  const log = { asked: 0, opened: 0, closedLanes: 0, closed: 0 };
  const source = spanSource([EMPTY], { reportedOps: [Op.STATE_CB, Op.RTO_CB], log });
  await assert.rejects(
    lastValueFrom(fromSource(source).pipe(filterOp(Op.STATE_CB, Op.RTT_CB), toObjects())),
    (error: Error & { code: string; remedy: string }) =>
      error.code === 'ERR_SOCKFLOW_OP_NOT_REPORTED' &&
      /RTT_CB, which memory does not report/.test(error.message) &&
      /Op\.RTT_CB/.test(error.remedy) &&
      !/STATE_CB/.test(error.remedy),
  );
  assert.equal(log.opened, 0);
});

test('a closed gate around the subscription holds the source back', async () => {
  const log = { asked: 0, opened: 0, closedLanes: 0, closed: 0 };
  const gate = new PressureGate();
  const source = fromSource(spanSource([EMPTY, EMPTY, EMPTY], { log }));
  gate.close();
  const end = withGate(gate, () => lastValueFrom(source.pipe(map((batch) => batch.size))));
  await new Promise((resolve) => {
    setTimeout(resolve, 10);
  });
  assert.equal(log.asked, 0);
  gate.open();
  assert.equal(await end, 0);
  assert.equal(log.asked, 4);
});

test('of several closed gates each holds the source back', async () => {
  const log = { asked: 0, opened: 0, closedLanes: 0, closed: 0 };
  const [first, second] = [new PressureGate(), new PressureGate()];
  const source = fromSource(spanSource([EMPTY, EMPTY], { log }));
  first.close();
  second.close();
  const end = withGate(first, () =>
    withGate(second, () => lastValueFrom(source.pipe(map((batch) => batch.size)))),
  );
  for (const gate of [first, second]) {
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
    assert.equal(log.asked, 0);
    gate.open();
  }
  await end;
  assert.equal(log.asked, 3);
});

test('a saturated source lets timers have their turn', async () => {
  const span = spanOf([]);
  const source = spanSource(Array.from({ length: 4000 }, () => span));
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const slow = fromSource(source).pipe(
    map(() => {
      const untilMs = performance.now() + 0.02;
      while (performance.now() < untilMs);
    }),
  );
  await lastValueFrom(slow);
  clearInterval(timer);
  assert.ok(ticks >= 4, `${ticks} ticks in at least 80 ms`);
});

test('in either mode a batch and the views of it, held past their next, throw the named error for ever', async () => {
  const stale = { code: 'ERR_SOCKFLOW_STALE_VIEW' };
  await fc.assert(
    fc.asyncProperty(
      fc.array(slotList, { minLength: 1, maxLength: 5 }),
      fc.constantFrom<ViewMode>('reused', 'checked'),
      fc.integer({ min: 2, max: 4 }),
      async (lists, views, count) => {
        const source = fromSource(spanSource([...lists.map((slots) => spanOf(slots)), EMPTY]), {
          views,
        });
        const leaked: EventView[] = [];
        const filters = [
          where((view) => {
            leaked.push(view);
            return true;
          }),
          shrunk,
        ];
        for (const filter of filters) {
          const held: (Batch | EventView | Iterator<EventView>)[] = [];
          const batches = source.pipe(filter);
          await lastValueFrom(
            batches.pipe(
              map((batch) => {
                for (const old of held) assertStale(old);
                for (const view of batch) held.push(view);
                if (batch.size > 0) held.push(batch.at(0));
                held.push(batch, batch[Symbol.iterator]());
              }),
            ),
          );
          for (const old of [...held, ...leaked]) assertStale(old);
          const sizes = (group: readonly Batch[]): number[] => group.map((batch) => batch.size);
          await assert.rejects(lastValueFrom(batches.pipe(bufferCount(count), map(sizes))), stale);
          await assert.rejects(
            lastValueFrom(
              batches.pipe(
                delay(0),
                map((batch) => batch.size),
              ),
            ),
            stale,
          );
        }
      },
    ),
    { numRuns: 30 },
  );

  function assertStale(old: Batch | EventView | Iterator<EventView>): void {
    if ('next' in old) assert.throws(() => old.next(), stale);
    else if ('raw' in old) assert.throws(() => old.size, stale);
    else assert.throws(() => old.localPort, stale);
  }
});

/** Filters what is already a batch: by a selection of its own. */
function shrunk(batches: Observable<Batch>): Observable<Batch> {
  return batches.pipe(
    map((batch) => batch),
    where(() => true),
  );
}
