import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';
import { firstValueFrom, from, lastValueFrom, map, Subject, take, toArray } from 'rxjs';

import type { OpContext } from '../schema/generated/context-event.ts';
import { fromSource } from './from-source.ts';
import { LaneStream } from './lane-stream.ts';
import { mapAsync } from './map-async.ts';
import { spanOf } from './random-events.test.helper.ts';
import { spanSource } from './span-source.test.helper.ts';
import { where } from './where.ts';

const EVENT: OpContext = {
  ts_boot_ns: 1,
  op: 12,
  family: 2,
  local_port: 5,
  remote_port: 0,
  is_fullsock: 1,
  state: 1,
  cookie: 1,
};

function turns(count: number): Promise<void> {
  return count === 0
    ? Promise.resolve()
    : new Promise((resolve) => {
        setImmediate(() => resolve(turns(count - 1)));
      });
}

test('results come in the order of their inputs, and no more calls are pending than allowed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(4), { maxLength: 30 }),
      fc.integer({ min: 1, max: 5 }),
      async (delays, concurrency) => {
        let pending = 0;
        let most = 0;
        const work = async (delay: number, index: number): Promise<string> => {
          pending++;
          most = Math.max(most, pending);
          await turns(delay);
          pending--;
          return `${index}:${delay}`;
        };
        const results = await lastValueFrom(
          from(delays).pipe(mapAsync(work, { concurrency }), toArray()),
        );
        assert.deepEqual(
          results,
          delays.map((delay, index) => `${index}:${delay}`),
        );
        assert.equal(most, Math.min(concurrency, delays.length));
      },
    ),
    { numRuns: 40 },
  );
});

test('batches are retained while they are worked on', async () => {
  const stream = new LaneStream({ lane: 0, lanes: 1, views: 'checked' });
  const ports: (number | undefined)[][] = [];
  const done = lastValueFrom(
    stream.batches.pipe(
      mapAsync(async (batch) => {
        await turns(2);
        ports.push(batch.toObjects().map((object) => object.localPort));
        return batch.size;
      }),
      toArray(),
    ),
  );
  stream.deliver(spanOf([EVENT, EVENT]));
  stream.deliver(spanOf([{ ...EVENT, local_port: 6 }]));
  stream.complete();
  assert.deepEqual(await done, [2, 1]);
  assert.deepEqual(ports, [[5, 5], [6]]);
});

test('a full queue holds the source back until there is room again', async () => {
  const log = { asked: 0, opened: 0, closedLanes: 0, closed: 0 };
  const span = spanOf([EVENT]);
  const source = spanSource([span, span, span, span, span, span], { log });
  const releases: (() => void)[] = [];
  const work = (): Promise<void> =>
    new Promise((resolve) => {
      releases.push(resolve);
    });
  // A retained batch of one event holds 256 bytes: two fill the queue.
  const end = lastValueFrom(
    fromSource(source).pipe(
      map((batch) => batch),
      mapAsync(work, { concurrency: 1, maxQueuedBytes: 512 }),
      toArray(),
    ),
  );
  await turns(20);
  assert.equal(log.asked, 2);
  for (let released = 1; released <= 6; released++) {
    releases.shift()?.();
    await turns(5);
    assert.equal(log.asked, Math.min(7, 2 + released));
  }
  assert.equal((await end).length, 6);
  assert.equal(log.closed, 1);
});

test('batches with nothing selected count too, so that their work does not pile up', async () => {
  const log = { asked: 0, opened: 0, closedLanes: 0, closed: 0 };
  const span = spanOf([EVENT]);
  const source = spanSource([span, span, span, span, span, span], { log });
  const subscription = fromSource(source)
    .pipe(
      where(() => false),
      mapAsync(() => new Promise(() => {}), { concurrency: 1, maxQueuedBytes: 512 }),
    )
    .subscribe();
  await turns(20);
  subscription.unsubscribe();
  assert.equal(log.asked, 2);
});

test('values count as much as sizeOf says', async () => {
  const log = { asked: 0, opened: 0, closedLanes: 0, closed: 0 };
  const source = spanSource([spanOf([EVENT]), spanOf([EVENT]), spanOf([EVENT])], { log });
  let release = (): void => {};
  const work = (): Promise<void> =>
    new Promise((resolve) => {
      release = resolve;
    });
  const sizes: number[] = [];
  const sizeOf = (size: number): number => {
    sizes.push(size);
    return 10;
  };
  const subscription = fromSource(source)
    .pipe(
      map((batch) => batch.size),
      mapAsync(work, { concurrency: 1, maxQueuedBytes: 15, sizeOf }),
    )
    .subscribe();
  await turns(10);
  assert.deepEqual([log.asked, sizes], [2, [1, 1]]);
  subscription.unsubscribe();
  release();
  await turns(5);
  // Whoever leaves opens the gate: the source sees that nobody is there and closes.
  assert.deepEqual([log.asked, log.closed], [2, 1]);
});

test('a function that rejects or throws ends the stream with the name of the operator', async () => {
  for (const work of [
    () => Promise.reject(new Error('refused')),
    (): Promise<never> => {
      throw new Error('refused');
    },
  ]) {
    const subject = new Subject<number>();
    const end = lastValueFrom(subject.pipe(mapAsync(work)));
    subject.next(1);
    await assert.rejects(
      end,
      (error: Error & { code: string }) =>
        error.code === 'ERR_SOCKFLOW_OPERATOR' && /^mapAsync: .*refused/.test(error.message),
    );
    assert.equal(subject.observed, false);
  }
});

test('results of calls that were pending when the subscriber left go nowhere', async () => {
  const subject = new Subject<number>();
  const started: number[] = [];
  const first = firstValueFrom(
    subject.pipe(
      mapAsync(
        async (value) => {
          started.push(value);
          await turns(value);
          return value;
        },
        { concurrency: 2 },
      ),
      take(1),
    ),
  );
  for (const value of [1, 3, 1, 1]) subject.next(value);
  assert.equal(await first, 1);
  await turns(10);
  assert.deepEqual(started, [1, 3]);
  assert.equal(subject.observed, false);
});

test('options that cannot be are refused where they are written', () => {
  const work = (): Promise<void> => Promise.resolve();
  for (const options of [{ concurrency: 0 }, { concurrency: 1.5 }, { maxQueuedBytes: 0 }]) {
    assert.throws(() => mapAsync(work, options), { code: 'ERR_SOCKFLOW_INVALID_OPTION' });
  }
  assert.throws(() => mapAsync(5 as unknown as typeof work), {
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
  });
});
