import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { fromReplay } from '@sockflow/source-replay';
import { generateRecording } from '@sockflow/source-replay/generate';
import { useTempDir } from '@sockflow/test-support';

import { benchInput } from './bench-input.ts';
import { shortenedInput } from './shortened-input.ts';

async function timesOf(paths: readonly string[]): Promise<bigint[]> {
  const times: bigint[] = [];
  await fromReplay(paths).forEach((batch) => batch.forEach(({ tsNs }) => times.push(tsNs)));
  return times.toSorted((a, b) => (a < b ? -1 : 1));
}

test('gives about the first events that were asked for, stored as they were', async (t) => {
  const folder = useTempDir(t);
  const path = join(folder, 'many.sfrec');
  await generateRecording(path, { connections: 2000, seed: 3, compression: 'lz4', laneGroups: 2 });
  const input = benchInput([path]);
  const wanted = Math.floor(input.events / 2);
  const short = await shortenedInput(input, wanted, folder);
  assert.ok(short.events >= wanted && short.events < input.events, `${short.events}`);
  const times = await timesOf(input.paths);
  assert.deepEqual(await timesOf(short.paths), times.slice(0, short.events));
  const [part] = short.recordings.flatMap(({ parts }) => parts);
  assert.equal(part?.laneGroups, 2);
  assert.equal(
    part?.blocks.compression(0),
    benchInput([path]).recordings[0]?.parts[0]?.blocks.compression(0),
  );
  assert.equal(short.name, 'many');
});

test('leaves alone what is short enough, and several recordings', async (t) => {
  const folder = useTempDir(t);
  const path = join(folder, 'few.sfrec');
  await generateRecording(path, { connections: 100, seed: 3 });
  const input = benchInput([path]);
  assert.equal(await shortenedInput(input, input.events, folder), input);
  const twice = benchInput([path, path]);
  assert.equal(await shortenedInput(twice, 10, folder), twice);
});
