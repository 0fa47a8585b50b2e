import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RoundCount } from './round-count.ts';

test('says how far it came, and that there is no result', () => {
  const rounds = new RoundCount();
  assert.equal(rounds.stopText(), 'stopped before the first round; no result written');
  rounds.all = 22;
  rounds.done = 7;
  assert.equal(rounds.stopText(), 'stopped after 7 of 22 rounds; no result written');
});
