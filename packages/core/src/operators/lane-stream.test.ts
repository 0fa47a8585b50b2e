import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';
import { map, type Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { Plan, PlanFilter } from '../contracts/filter.ts';
import { Op } from '../schema/op.ts';
import { BUSY_BIT } from '../slot/layout.ts';
import { applyFilter } from './apply-filter.ts';
import { filterOp } from './filter-op.ts';
import { filterPort } from './filter-port.ts';
import { LaneStream } from './lane-stream.ts';
import { naiveSelect } from './plan/naive-match.test.helper.ts';
import { anyPlan } from './plan/random-plan.test.helper.ts';
import { PressureGate } from './pressure-gate.ts';
import { slotList, spanOf, type TestSlot } from './random-events.test.helper.ts';
import { retain } from './retain.ts';
import { withGate } from './subscription-context.ts';
import { where } from './where.ts';

const OPTIONS = { lane: 0, lanes: 1, views: 'reused' } as const;

function wordsOf(batch: Batch): number[] {
  return [...batch.raw.words.subarray(0, batch.size)];
}

function withPlan(batches: Observable<Batch>, plan: Plan): Observable<Batch> {
  let result = batches;
  for (const filter of plan) result = applyFilter(filter)(result);
  return result;
}

function rttEvent(port: number): TestSlot {
  return {
    ts_boot_ns: port,
    op: Op.RTT_CB,
    family: 2,
    remote_port: 0x50000000,
    local_port: port,
    is_fullsock: 1,
    state: 1,
    cookie: port,
  };
}

test('several outputs with different filters each get what they would get alone', () => {
  fc.assert(
    fc.property(slotList, fc.array(anyPlan, { minLength: 1, maxLength: 4 }), (slots, plans) => {
      const span = spanOf(slots);
      const stream = new LaneStream(OPTIONS);
      const got = plans.map((plan, index) => {
        const words: number[] = [];
        stream.beginOutput(`output ${index}`);
        // Every other one shrinks an ordinary observable, filter by filter.
        const source = index % 2 === 0 ? stream.batches : stream.batches.pipe(map((b) => b));
        withPlan(source, plan).subscribe((batch) => words.push(...wordsOf(batch)));
        return words;
      });
      stream.start(() => false);
      stream.deliver(span);
      plans.forEach((plan, index) => {
        assert.deepEqual(got[index], naiveSelect(span, span.words, plan));
      });
      const fused = stream.subscriptions.map(({ plan }) => plan.length);
      assert.deepEqual(
        fused,
        plans.map((plan, index) => (index % 2 === 0 ? plan.length : 0)),
      );
    }),
    { numRuns: 200 },
  );
});

test('one output has a selection of its own: what another does to the batch does not show', () => {
  const stream = new LaneStream(OPTIONS);
  const sizes: number[] = [];
  const shared = stream.batches.pipe(map((batch) => batch));
  shared.pipe(filterPort(1)).subscribe((batch) => sizes.push(batch.size));
  stream.batches.subscribe((batch) => {
    filterPort(2)(new LaneStream(OPTIONS).batches);
    sizes.push(batch.size);
  });
  stream.deliver(spanOf([rttEvent(1), rttEvent(2), rttEvent(3)]));
  assert.deepEqual(sizes, [1, 3]);
});

test('nothing is delivered before the lane delivers it, and a batch ends with its next', () => {
  const stream = new LaneStream(OPTIONS);
  const batches: Batch[] = [];
  stream.batches.subscribe((batch) => batches.push(batch));
  assert.equal(batches.length, 0);
  stream.deliver(spanOf([rttEvent(1)]));
  assert.equal(batches.length, 1);
  assert.throws(() => batches[0]?.size, { code: 'ERR_SOCKFLOW_STALE_VIEW' });
});

test('a batch that an operator of ours made of another ends with its next too', () => {
  for (const views of ['checked', 'reused'] as const) {
    const stream = new LaneStream({ ...OPTIONS, views });
    const held: Batch[] = [];
    stream.batches
      .pipe(
        map((batch) => batch),
        filterPort(1),
      )
      .subscribe((batch) => held.push(batch));
    stream.deliver(spanOf([rttEvent(1)]));
    assert.throws(() => held[0]?.size, { code: 'ERR_SOCKFLOW_STALE_VIEW' });
  }
});

test('what is filtered out of a retained batch lives as long as that', () => {
  const stream = new LaneStream(OPTIONS);
  const held: Batch[] = [];
  stream.batches.pipe(retain(), filterPort(1)).subscribe((batch) => held.push(batch));
  stream.deliver(spanOf([rttEvent(1), rttEvent(2)]));
  stream.deliver(spanOf([rttEvent(3)]));
  assert.deepEqual(
    held.map((batch) => batch.toObjects().map((object) => object.localPort)),
    [[1], []],
  );
});

test('a where is asked of what passed the filters before it, whatever comes behind', () => {
  const asked: number[] = [];
  const source = (stream: LaneStream): Observable<Batch> => stream.batches;
  const plainly = (stream: LaneStream): Observable<Batch> => stream.batches.pipe(map((b) => b));
  for (const from of [source, plainly]) {
    const stream = new LaneStream(OPTIONS);
    asked.length = 0;
    from(stream)
      .pipe(
        filterPort([1, 2, 3]),
        where((event) => {
          asked.push(event.localPort);
          return event.localPort !== 2;
        }),
        filterPort([2, 3]),
        where((event) => {
          asked.push(event.localPort * 100);
          return true;
        }),
      )
      .subscribe();
    stream.deliver(spanOf([1, 2, 3, 4].map((port) => rttEvent(port))));
    assert.deepEqual(
      asked.toSorted((a, b) => a - b),
      [1, 2, 3, 300],
    );
  }
});

test('a later subscription is refused where the source may have left out what it needs', () => {
  const isPushedDown = (filter: PlanFilter): boolean => filter.type === 'op';
  const errorOf = (late: (batches: Observable<Batch>) => Observable<Batch>): unknown => {
    const stream = new LaneStream(OPTIONS);
    stream.batches.pipe(filterOp(Op.RTT_CB), filterPort(1)).subscribe();
    stream.start(isPushedDown);
    let failure: unknown;
    late(stream.batches).subscribe({
      error: (error: unknown) => {
        failure = error;
      },
    });
    return failure;
  };
  const late = { code: 'ERR_SOCKFLOW_LATE_SUBSCRIPTION' };
  assert.throws(() => {
    throw errorOf((batches) => batches);
  }, late);
  assert.throws(() => {
    throw errorOf((batches) => batches.pipe(filterPort(1)));
  }, late);
  // The port is looked at in the lane: only the op could be missing.
  assert.equal(
    errorOf((batches) => batches.pipe(filterPort(2), filterOp(Op.RTT_CB))),
    undefined,
  );
});

test('a later subscription is served where nothing was pushed down', () => {
  const stream = new LaneStream(OPTIONS);
  stream.batches.pipe(filterOp(Op.RTT_CB)).subscribe();
  stream.batches.subscribe();
  stream.start(() => true);
  const sizes: number[] = [];
  stream.batches.subscribe((batch) => sizes.push(batch.size));
  stream.deliver(spanOf([rttEvent(1)]));
  assert.deepEqual(sizes, [1]);
});

test('every subscription ends at the same busy slot, and the rest is left for later', () => {
  const span = spanOf([rttEvent(1), rttEvent(2), rttEvent(3)], { mayBeBusy: true });
  span.memory.u32[span.words[1]!]! |= BUSY_BIT;
  const stream = new LaneStream(OPTIONS);
  const ports: number[] = [];
  const release = (): void => {
    span.memory.u32[span.words[1]!]! &= ~BUSY_BIT;
  };
  stream.batches.subscribe((batch) => {
    batch.forEach((event) => ports.push(event.localPort));
    // Published while the first subscription was at work.
    release();
  });
  stream.batches.subscribe((batch) => batch.forEach((event) => ports.push(event.localPort)));
  const counts = stream.deliver(span);
  assert.deepEqual(ports, [1, 1]);
  assert.equal(counts.stopWord, span.words[1]);
  assert.equal(counts.events, 1);
  assert.equal(counts.damaged, 0);
});

test('damage ends the walk, and what lies behind it is counted', () => {
  const slots = [1, 2, 3, 4].map((port) => rttEvent(port));
  for (const header of [BUSY_BIT | 248, 100, 249, 248 + 64 * 100, 0]) {
    const span = spanOf(slots);
    span.memory.u32[span.words[1]!] = header;
    const stream = new LaneStream(OPTIONS);
    const sizes: number[] = [];
    stream.batches.subscribe((batch) => sizes.push(batch.size));
    const counts = stream.deliver(span);
    assert.deepEqual([sizes, counts.events, counts.damaged], [[1], 1, 3], `header ${header}`);
  }
});

test('an error that a where throws goes to its own output, and names the operator', () => {
  const stream = new LaneStream(OPTIONS);
  const errors: Error[] = [];
  const sizes: number[] = [];
  const broken = where(() => {
    throw new TypeError('no such thing');
  });
  stream.batches.pipe(broken).subscribe({ error: (error: Error) => errors.push(error) });
  stream.batches.subscribe((batch) => sizes.push(batch.size));
  stream.deliver(spanOf([rttEvent(1)]));
  stream.deliver(spanOf([rttEvent(1)]));
  assert.equal(errors.length, 1);
  assert.deepEqual(sizes, [1, 1]);
  const [error] = errors as (Error & { code: string; details: object; cause: Error })[];
  assert.equal(error?.code, 'ERR_SOCKFLOW_OPERATOR');
  assert.match(error?.message ?? '', /^where: .*no such thing/);
  assert.deepEqual(error?.details, { operator: 'where' });
  assert.ok(error?.cause instanceof TypeError);
});

test('events are accounted for when nobody listens any more', () => {
  const stream = new LaneStream(OPTIONS);
  stream.batches.subscribe().unsubscribe();
  const counts = stream.deliver(spanOf([rttEvent(1), rttEvent(2)]));
  assert.equal(counts.events, 2);
  assert.equal(stream.subscriptions.length, 0);
});

test('the gates and the output around a subscription are known', () => {
  const stream = new LaneStream(OPTIONS);
  const gate = new PressureGate();
  stream.beginOutput('slow');
  withGate(gate, () => stream.batches.pipe(map((batch) => batch.size)).subscribe());
  stream.beginOutput('fast');
  stream.batches.pipe(filterPort(1)).subscribe();
  assert.deepEqual(stream.gates, [gate]);
  assert.deepEqual(
    stream.subscriptions.map(({ output, plan }) => [output, plan.length]),
    [
      ['slow', 0],
      ['fast', 1],
    ],
  );
  assert.deepEqual(stream.plans[0], []);
});

test('completion and failure reach every subscription', () => {
  const ends: string[] = [];
  const listen = (stream: LaneStream): void => {
    for (const name of ['a', 'b']) {
      stream.batches.pipe(filterPort(1)).subscribe({
        complete: () => ends.push(`${name} complete`),
        error: (error: Error) => ends.push(`${name} ${error.message}`),
      });
    }
  };
  const first = new LaneStream(OPTIONS);
  listen(first);
  first.complete();
  const second = new LaneStream(OPTIONS);
  listen(second);
  second.fail(new Error('broken'));
  assert.deepEqual(ends, ['a complete', 'b complete', 'a broken', 'b broken']);
});
