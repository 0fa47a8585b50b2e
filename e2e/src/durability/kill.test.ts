import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { describeRound, type RoundResult } from './kill-rounds.ts';
import { killUnderEveryPolicy } from './kill-under-every-policy.ts';

/** The second one starts where the first was killed. */
const KILLS_OF_A_POLICY = 2;

test('a writer that is killed at a random moment has lost no acknowledged event, under any fsync policy, and the next one goes on', async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}; the long form: node e2e/dist/durability/kill.js --kills 200`);
  const results: RoundResult[] = [];
  await killUnderEveryPolicy(useTempDir(t), KILLS_OF_A_POLICY, seed, (result) => {
    results.push(result);
    t.diagnostic(describeRound(result));
  });
  assert.equal(results.length, 4 * KILLS_OF_A_POLICY);
  assert.ok(results.every(({ acknowledged }) => acknowledged > 0));
});
