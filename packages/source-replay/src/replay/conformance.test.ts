import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { checkSource } from '@sockflow/core/conformance';

import { replay } from './replay.ts';

const REAL = fileURLToPath(new URL('../../../../fixtures/real.sfrec', import.meta.url));

test('a recording as a source keeps the contract of sources', async () => {
  assert.deepEqual(await checkSource(replay(REAL), { lanes: [1, 2] }), []);
});
