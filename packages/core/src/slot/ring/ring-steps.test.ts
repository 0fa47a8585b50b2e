import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  drain,
  fillRecord,
  openRing,
  put,
  type TestRing,
  valuesOf,
} from './ring-kit.test.support.ts';
import { RING_FULL } from './ring-producer.ts';

/*
 * Every interleaving of one atomic step: one side runs its script, and just before its k-th call of an Atomics function the other side acts, for every k. The
 * races with real threads are in ring-threads.test.ts; here nothing is left to chance.
 */

const STEPS = ['load', 'store', 'compareExchange', 'notify', 'waitAsync'] as const;
type AnyStep = (...values: unknown[]) => unknown;

/** Calls `act` before each Atomics call that is made until the function returned is called; what `act` itself does is not counted. */
function beforeEachStep(act: () => void): () => void {
  const atomics = Atomics as unknown as Record<string, AnyStep>;
  const originals = STEPS.map((name) => atomics[name]!);
  let isActing = false;
  for (const [index, name] of STEPS.entries()) {
    atomics[name] = (...values) => {
      if (!isActing) {
        isActing = true;
        act();
        isActing = false;
      }
      return originals[index]!.apply(Atomics, values);
    };
  }
  return () => {
    for (const [index, name] of STEPS.entries()) atomics[name] = originals[index]!;
  };
}

/** Runs `script` on new rings, with `act` before its step k = 0, 1, 2 ..., until a run has fewer steps. */
async function atEveryStep(
  createRing: () => TestRing,
  script: (ring: TestRing) => Promise<void> | void,
  act: (ring: TestRing) => void,
  check: (ring: TestRing, at: number) => void,
): Promise<number> {
  for (let at = 0; ; at++) {
    const ring = createRing();
    let step = 0;
    const restore = beforeEachStep(() => {
      if (step++ === at) act(ring);
    });
    try {
      await script(ring);
    } finally {
      restore();
    }
    if (step <= at) return at;
    check(ring, at);
  }
}

/** Both positions as the kernel would read them, all 64 bits at once (R3, R4). */
function checkPositions({ memory }: TestRing): void {
  const producer = new BigUint64Array(memory.producerPage)[0]!;
  const consumer = new BigUint64Array(memory.consumerPage)[0]!;
  const usedBytes = producer - consumer;
  assert.ok(usedBytes >= 0n && usedBytes <= 4096n, `${producer} - ${consumer}`);
}

test('whenever a consumer looks while slots are published and the ring ends, it sees whole slots in order, and the end only behind them (R6, R9)', async () => {
  const seen: number[] = [];
  const counts = new Set<number>();
  const steps = await atEveryStep(
    () => {
      seen.length = 0;
      return openRing(4096, 2n ** 32n - 256n);
    },
    ({ producer }) => {
      put(producer, 1);
      put(producer, 2);
      producer.publish();
      put(producer, 3);
      producer.end();
    },
    (ring) => {
      const { consumer } = ring;
      checkPositions(ring);
      seen.push(...drain(consumer));
      checkPositions(ring);
      counts.add(seen.length);
      if (consumer.isEnded) assert.deepEqual(seen, [1, 2, 3]);
    },
    ({ consumer }, at) => {
      seen.push(...drain(consumer));
      assert.deepEqual(seen, [1, 2, 3], `looked before step ${at}`);
      assert.equal(consumer.isEnded, true);
      assert.equal(consumer.publishedEvents, 3);
    },
  );
  assert.ok(steps > 10);
  assert.deepEqual(
    [...counts].toSorted((a, b) => a - b),
    [0, 2, 3],
  );
});

test('whenever a producer ends while a consumer asks for the end, no slot is left behind (R9)', async () => {
  await atEveryStep(
    () => openRing(),
    ({ consumer }) => {
      if (consumer.isEnded) assert.equal(consumer.peek(), undefined);
    },
    ({ producer }) => {
      put(producer, 1);
      producer.end();
    },
    ({ consumer }) => {
      assert.deepEqual(drain(consumer), [1]);
      assert.equal(consumer.isEnded, true);
    },
  );
});

test('whenever a consumer looks, the time that it is told is older than every event that is still to come (R11)', async () => {
  let toldUs = 0;
  await atEveryStep(
    () => {
      toldUs = 0;
      return openRing();
    },
    ({ producer }) => {
      for (const ns of [5000, 6000, 7000]) {
        const word = producer.tryClaim(256);
        fillRecord(producer.memory.u32, word, 256, 0);
        producer.memory.u32[word + 4] = ns;
        producer.submit(word);
      }
      producer.publish();
    },
    ({ consumer }) => {
      while (consumer.peek() !== undefined) consumer.release();
      toldUs = consumer.endTimeUs;
    },
    ({ consumer }, at) => {
      const span = consumer.peek();
      if (span === undefined) assert.equal(toldUs, 7);
      else assert.ok(toldUs < 5, `told ${toldUs} us before step ${at}`);
    },
  );
});

test('whenever a producer fills the ring while a consumer reads and releases, what is being read stays whole (R7, R8)', async () => {
  const read: number[] = [];
  let next = 0;
  function fillUp(ring: TestRing): void {
    checkPositions(ring);
    while (put(ring.producer, next)) next++;
    checkPositions(ring);
  }
  const steps = await atEveryStep(
    () => {
      read.length = 0;
      next = 0;
      const ring = openRing(4096, 2n ** 32n - 1024n, 3);
      fillUp(ring);
      return ring;
    },
    ({ consumer }) => {
      for (let turn = 0; turn < 4; turn++) {
        const span = consumer.peek();
        Atomics.load(new Int32Array(new SharedArrayBuffer(4)), 0);
        read.push(...valuesOf(span));
        consumer.release();
      }
    },
    fillUp,
    ({ consumer, producer }, at) => {
      producer.publish();
      read.push(...drain(consumer));
      const expected = Array.from({ length: next }, (_, value) => value);
      assert.deepEqual(read, expected, `filled before step ${at}`);
    },
  );
  assert.ok(steps > 10);
});

/* A sleep whose wake-up was lost lasts LOST_MS. */
const LOST_MS = 5000;
const WOKEN_MS = 2500;

test('at whatever step of going to sleep a slot is published, the ring ends or the consumer closes, the sleep ends', async () => {
  const acts: readonly ((ring: TestRing) => void)[] = [
    ({ producer }) => {
      put(producer, 1);
      producer.publish();
    },
    ({ producer }) => {
      producer.end();
    },
    ({ consumer }) => {
      consumer.close();
    },
    ({ producer }) => {
      producer.advanceTime(1);
    },
  ];
  for (const act of acts) {
    // The last run has no such step, so nothing wakes it: its time-out ends it.
    let isActed = false;
    const steps = await atEveryStep(
      () => {
        isActed = false;
        return openRing();
      },
      async (ring) => {
        const startMs = performance.now();
        const sleep = ring.consumer.wait(LOST_MS);
        if (!isActed) act(ring);
        await sleep;
        assert.ok(performance.now() - startMs < WOKEN_MS, 'not woken');
      },
      (ring) => {
        isActed = true;
        act(ring);
      },
      () => {},
    );
    assert.ok(steps > 100);
  }
});

test('at whatever step of going to sleep for room there is room, or the consumer closes, the sleep ends', async () => {
  for (const act of [
    ({ consumer }: TestRing) => {
      consumer.release();
    },
    ({ consumer }: TestRing) => {
      consumer.close();
    },
  ]) {
    let isActed = false;
    await atEveryStep(
      () => {
        isActed = false;
        const ring = openRing();
        while (put(ring.producer, 1)) continue;
        assert.equal(ring.producer.tryClaim(256), RING_FULL);
        ring.consumer.peek();
        return ring;
      },
      async (ring) => {
        const startMs = performance.now();
        const sleep = ring.producer.waitForRoom(LOST_MS);
        if (!isActed) act(ring);
        await sleep;
        assert.ok(performance.now() - startMs < WOKEN_MS, 'not woken');
      },
      (ring) => {
        isActed = true;
        act(ring);
      },
      () => {},
    );
  }
});
