import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { put } from '../ring/ring-kit.test.support.ts';
import { createRingMemory } from '../ring/ring-memory.ts';
import { RingProducer } from '../ring/ring-producer.ts';
import type { LoopJob, LoopReport } from './event-loop.test.worker.ts';

/* What is tested is that things go on, not how fast: a thread that blocks its event loop comes to the deadline without ticks and echoes. */
const ENOUGH = 40;
const DEADLINE_MS = 20_000;
const MAX_TICK_GAP_MS = 2000;
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './event-loop.test.worker.ts' : './event-loop.test.worker.js',
  import.meta.url,
);

function openLoop(workMs: number): { producer: RingProducer; report: Promise<LoopReport> } {
  const ring = createRingMemory({ capacityBytes: 1 << 18 });
  const worker = new Worker(WORKER, {
    workerData: { ring, enough: ENOUGH, deadlineMs: DEADLINE_MS, workMs } satisfies LoopJob,
  });
  const report = Promise.race([
    once(worker, 'message').then(([value]) => value as LoopReport),
    once(worker, 'error').then(([error]) => {
      throw error;
    }),
  ]);
  return { producer: new RingProducer(ring), report };
}

test('while a ring is idle, a timer and a TCP echo in the thread that waits for it go on', async () => {
  const { producer, report } = openLoop(0);
  const interval = setInterval(() => {
    put(producer, 1);
    producer.publish();
  }, 10);
  try {
    const { spans, waits, ticks, echoes, maxTickGapMs } = await report;
    assert.ok(spans >= ENOUGH && waits >= spans / 2, `${spans} spans, ${waits} waits`);
    assert.ok(ticks >= ENOUGH && echoes >= ENOUGH, `${ticks} ticks, ${echoes} echoes`);
    assert.ok(maxTickGapMs < MAX_TICK_GAP_MS, `a timer waited ${maxTickGapMs} ms`);
  } finally {
    clearInterval(interval);
  }
});

test('while a ring is never empty, a timer and a TCP echo in the thread that drains it go on', async () => {
  // 64 slots are worked on for 1 ms: a producer that looks every few ms keeps the ring from ever being empty.
  const { producer, report } = openLoop(1);
  const state = { isOver: false };
  const done = report.finally(() => {
    state.isOver = true;
  });
  done.catch(() => {});
  while (!state.isOver) {
    while (put(producer, 1)) continue;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const { spans, waits, yields, ticks, echoes, maxTickGapMs } = await done;
  assert.ok(spans >= ENOUGH && waits < spans / 4, `saturated: ${spans} spans, ${waits} waits`);
  assert.ok(ticks >= ENOUGH && echoes >= ENOUGH, `${ticks} ticks, ${echoes} echoes`);
  assert.ok(
    yields <= spans && ticks <= (yields + waits) * 2,
    `${yields} yields for ${ticks} ticks`,
  );
  assert.ok(maxTickGapMs < MAX_TICK_GAP_MS, `a timer waited ${maxTickGapMs} ms`);
});
