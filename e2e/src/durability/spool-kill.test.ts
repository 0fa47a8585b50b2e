import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { killSpools } from './spool-kills.ts';

const KILLS = 4;

test('a process that is killed at a random moment with a spool has lost no acknowledged event, and the next ones deliver all in order', async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}; the long form: node e2e/dist/durability/spool-kill.js --kills 200`);
  const { acknowledged, delivered, twice } = await killSpools(useTempDir(t), KILLS, seed);
  t.diagnostic(`${acknowledged} acknowledged, ${delivered} delivered, ${twice} of them twice`);
  assert.ok(acknowledged > 0);
});
