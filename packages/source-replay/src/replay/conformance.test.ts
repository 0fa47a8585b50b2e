import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { checkFailingSource, checkSource } from '@sockflow/core/conformance';
import { useTempDir } from '@sockflow/test-support';

import { replay } from './replay.ts';

const REAL = fileURLToPath(new URL('../../../../fixtures/real.sfrec', import.meta.url));

test('a recording as a source keeps the contract of sources', async () => {
  assert.deepEqual(await checkSource(replay(REAL), { lanes: [1, 2] }), []);
});

test('a damaged recording as a source tells it, the same way each time, after all that is whole', async (t) => {
  const path = join(useTempDir(t), 'damaged.sfrec');
  const bytes = readFileSync(REAL);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  writeFileSync(path, bytes);
  assert.deepEqual(await checkFailingSource(replay(path)), []);
});
