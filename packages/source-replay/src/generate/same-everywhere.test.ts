import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';

import { requireNode24 } from '@sockflow/test-support';

import { type GenerateOptions, generateSlots } from './index.ts';
import { Random } from './random.ts';

/** The events of seed 1, as they were when this was written: a change of them is a change that users see. */
const EXPECTED_SHA256 = '569a273e70e8087fda565936cb5c510796e784cbde5db0fefddb0085fd0256af';

/** Options with which nothing may depend on the engine's logarithm or exponential. */
const SHAPED: GenerateOptions = {
  connections: 1000,
  seed: 1,
  lossRatio: 0.03,
  rtt: { medianUs: 20_000, p99Us: 150_000 },
  eventsPerSec: 10_000,
  cgroups: [5, 3, 1],
  origins: 3,
  ipv6Ratio: 0.3,
  refusedRatio: 0.1,
  bytesPerConnection: 60_000,
};
const SHAPED_SHA256 = '3cb5f53f7f28b61f76eae326bb936b711ca08108978bd26534b5f0cd85019209';

function hash(options: GenerateOptions = { connections: 1000, seed: 1 }): string {
  const sha256 = createHash('sha256');
  for (const span of generateSlots(options).spans) {
    sha256.update(span.memory.u8.subarray(span.startWord * 4, span.endWord * 4));
  }
  return sha256.digest('hex');
}

test('gives the bytes of seed 1 that it has always given', () => {
  assert.equal(hash(), EXPECTED_SHA256);
});

test('gives the bytes that it has always given, with a network as asked for', () => {
  assert.equal(hash(SHAPED), SHAPED_SHA256);
});

test('gives the same bytes on Node 24', (t) => {
  const folder = requireNode24(t);
  if (folder === undefined) {
    return;
  }
  const script = `
    import { createHash } from 'node:crypto';
    import { generateSlots } from ${JSON.stringify(new URL('./index.js', import.meta.url).href)};
    for (const options of [{ connections: 1000, seed: 1 }, ${JSON.stringify(SHAPED)}]) {
      const sha256 = createHash('sha256');
      for (const span of generateSlots(options).spans) {
        sha256.update(span.memory.u8.subarray(span.startWord * 4, span.endWord * 4));
      }
      console.log(sha256.digest('hex'));
    }`;
  const args = ['--input-type=module', '--eval', script];
  const output = execFileSync(join(folder, 'node'), args, { encoding: 'utf8' });
  assert.deepEqual(output.trim().split('\n'), [EXPECTED_SHA256, SHAPED_SHA256]);
});

test('draws what xoshiro128** draws', () => {
  // The published algorithm, with 64-bit arithmetic instead of 32-bit: another way to the same numbers.
  const mask = 0xffffffffn;
  const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (32n - by))) & mask;
  const random = new Random('model');
  const state = Array.from(random.state, BigInt) as [bigint, bigint, bigint, bigint];
  for (let draw = 0; draw < 1000; draw++) {
    const expected = (rotate((state[1] * 5n) & mask, 7n) * 9n) & mask;
    const shifted = (state[1] << 9n) & mask;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11n);
    assert.equal(BigInt(random.u32()), expected);
  }
});

test('draws with the means that it says', () => {
  const random = new Random('means');
  const draws = 100_000;
  let sum = 0;
  let below = 0;
  let chances = 0;
  for (let draw = 0; draw < draws; draw++) {
    sum += random.exponential(1000);
    below += random.below(100);
    chances += random.chance(0.2) ? 1 : 0;
    const spread = random.spread(10, 5000);
    assert.ok(spread >= 10 && spread < 5000);
  }
  assert.ok(Math.abs(sum / draws - 1000) < 20, `${sum / draws}`);
  assert.ok(Math.abs(below / draws - 49.5) < 0.5, `${below / draws}`);
  assert.ok(Math.abs(chances / draws - 0.2) < 0.01, `${chances / draws}`);
});
