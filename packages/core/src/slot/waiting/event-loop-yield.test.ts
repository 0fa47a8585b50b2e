import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EventLoopYield } from './event-loop-yield.ts';

test('a turn is due when the event loop was held so long, and not again right after it', async () => {
  let nowMs = 1000;
  const turn = new EventLoopYield(5, () => nowMs);
  nowMs = 1004.9;
  assert.equal(turn.isDue, false);
  nowMs = 1005;
  assert.equal(turn.isDue, true);
  await turn.yield();
  assert.equal(turn.isDue, false);
  nowMs = 1010;
  assert.equal(turn.isDue, true);
});

test('each yield runs what is due, and no two share a turn of the event loop', async () => {
  const turn = new EventLoopYield();
  for (let round = 0; round < 5; round++) {
    let hasRun = false;
    setTimeout(() => {
      hasRun = true;
    }, 0);
    const untilMs = performance.now() + 3;
    while (performance.now() < untilMs) continue;
    await turn.yield();
    await turn.yield();
    assert.equal(hasRun, true);
  }
});
