import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { checkFailingSource, checkSource } from '@sockflow/core/conformance';
import { useTempDir } from '@sockflow/test-support';

import { generateRecording } from '../generate/generate-recording.ts';
import { openRecording } from '../reader/open-recording.ts';
import { replay } from './replay.ts';

const REAL = fileURLToPath(new URL('../../../../fixtures/real.sfrec', import.meta.url));

test('a recording as a source keeps the contract of sources', async () => {
  assert.deepEqual(await checkSource(replay(REAL), { lanes: [1, 2] }), []);
});

test('a recording of lane groups keeps it too while it is followed, whose blocks begin before those before them', async (t) => {
  const path = join(useTempDir(t), 'grouped.sfrec');
  await generateRecording(path, { connections: 300, laneGroups: 8, blockBytes: 64 << 10, seed: 3 });
  const [part] = openRecording(path).parts;
  const times = Array.from({ length: part!.blocks.count }, (_, row) =>
    part!.blocks.firstTimeUs(row),
  );
  const goesBack = times.some((timeUs, row) => row > 0 && timeUs < times[row - 1]! - 1000);
  assert.ok(goesBack && times.length > 16);
  assert.deepEqual(await checkSource(replay(path, { follow: true }), { lanes: [1, 2] }), []);
});

test('a damaged recording as a source tells it, the same way each time, after all that is whole', async (t) => {
  const path = join(useTempDir(t), 'damaged.sfrec');
  const bytes = readFileSync(REAL);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  writeFileSync(path, bytes);
  assert.deepEqual(await checkFailingSource(replay(path)), []);
});
