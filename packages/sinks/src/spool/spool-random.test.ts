import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { SinkWriter } from '@sockflow/core';

import {
  deliveredTwice,
  Destination,
  HOST_A,
  HOST_B,
  type Mood,
  Numbered,
} from './spool-kit.test.support.ts';
import { opened, type Run, runIn, spooled, write } from './spool-runs.test.support.ts';

const ROUNDS = 12;
const STEPS = 60;
const MOODS: readonly Mood[] = ['up', 'up', 'silent', 'gone'];

/** A small seeded generator (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000) * below);
  };
}

/** Gives a writer whatever comes while its destination does whatever it does, and closes it. */
async function live(
  writer: SinkWriter,
  numbered: Numbered,
  destination: Destination,
  random: (below: number) => number,
): Promise<void> {
  for (let step = 0; step < STEPS; step++) {
    if (random(6) === 0) destination.mood = MOODS[random(MOODS.length)] ?? 'up';
    if (random(8) === 0) await writer.write(numbered.value());
    const pattern = Array.from({ length: random(40) }, () => (random(9) === 0 ? 'm' : 'e')).join(
      '',
    );
    await write(writer, numbered, pattern, random(4) === 0 ? HOST_B : HOST_A);
    if (random(5) === 0) await sleep(random(30));
    if (random(20) === 0) await writer.flush();
  }
  await writer.flush();
  await writer.close({ isComplete: random(4) > 0 });
}

function countOf(numbered: Numbered): number {
  return numbered.given.filter((item) => !item.includes('m')).length;
}

async function round(run: Run, seed: number): Promise<number> {
  const random = randomFrom(seed);
  const destination = new Destination();
  const numbered = new Numbered();
  let before = 0;
  for (let starts = 0; starts < 3; starts++) {
    destination.acknowledgesLate = random(3) === 0;
    const sink = spooled(destination, run, {
      closeAfterMs: 20,
      keepBytes: random(3) * 4000,
      lagAfterMs: random(2) * 50,
    });
    const writer = await opened(sink, run);
    await live(writer, numbered, destination, random);
    const given = countOf(numbered) - before;
    before += given;
    assert.deepEqual([writer.acknowledged, writer.failed], [given, 0]);
  }
  destination.mood = 'up';
  await (await opened(spooled(destination, run), run)).close({ isComplete: true });
  return deliveredTwice(destination.delivered, numbered.given);
}

test('whatever a sink does, and however often it is started, all that was acknowledged arrives in order (Q1-Q4)', async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  let twice = 0;
  // Side by side: most of it is waiting.
  const rounds = Array.from({ length: ROUNDS }, (_, index) => round(runIn(t), seed + index));
  for (const again of await Promise.all(rounds)) twice += again;
  t.diagnostic(`${twice} items came twice`);
});
