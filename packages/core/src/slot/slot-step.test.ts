import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { BUSY_BIT, DISCARD_BIT } from './layout.ts';
import { slotsInDamage, slotStep, STEP_BUSY, STEP_DAMAGED } from './slot-step.ts';

const REST_BYTES = 4096;

test('a slot of 256 + n * 64 bytes is looked at (S1)', () => {
  for (const bytes of [256, 320, 384, 4096]) {
    assert.equal(slotStep(bytes - 8, REST_BYTES), bytes);
  }
});

test('a slot being written stops the walk, whatever its length says (S3)', () => {
  for (const length of [0, 7, 248, 312, 5000]) {
    assert.equal(slotStep((length | BUSY_BIT) >>> 0, REST_BYTES), STEP_BUSY);
    assert.equal(slotStep((length | BUSY_BIT | DISCARD_BIT) >>> 0, REST_BYTES), STEP_BUSY);
  }
});

test('a DISCARD slot is skipped, even one of 64 bytes (S4)', () => {
  for (const bytes of [64, 128, 192, 256, 320]) {
    assert.equal(slotStep((bytes - 8) | DISCARD_BIT, REST_BYTES), -bytes);
  }
});

test('a length that no slot has is damage (S5)', () => {
  for (const length of [0, 8, 55, 56, 120, 184, 247, 249, 256, 304, REST_BYTES]) {
    assert.equal(slotStep(length, REST_BYTES), STEP_DAMAGED, `length ${length}`);
  }
  assert.equal(slotStep(8 | DISCARD_BIT, REST_BYTES), STEP_DAMAGED);
});

test('a slot that goes past the end of the memory is damage, skipped or not (S5)', () => {
  assert.equal(slotStep(248, 256), 256);
  assert.equal(slotStep(248, 255), STEP_DAMAGED);
  assert.equal(slotStep(248 | DISCARD_BIT, 192), STEP_DAMAGED);
});

test('every step moves on by whole cache lines inside the memory, or stops', () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.nat(1 << 20), (lengthWord, restLines) => {
      const step = slotStep(lengthWord, restLines * 64);
      if (step === STEP_BUSY || step === STEP_DAMAGED) return;
      const bytes = Math.abs(step);
      assert.ok(bytes >= (step > 0 ? 256 : 64) && bytes % 64 === 0 && bytes <= restLines * 64);
      assert.equal(step < 0, (lengthWord & DISCARD_BIT) !== 0);
    }),
  );
});

test('damage counts as the base slots that fit, and never as nothing', () => {
  assert.deepEqual(
    [0, 1, 64, 256, 511, 512, 2560].map((bytes) => slotsInDamage(bytes)),
    [0, 1, 1, 1, 1, 2, 10],
  );
});
