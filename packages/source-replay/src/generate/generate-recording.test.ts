import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { openRecording } from '../reader/open-recording.ts';
import { validateRecording } from '../validate/index.ts';
import { generateRecording, generateSlots } from './index.ts';

test('writes the generated events as a recording that says what made it', async (t) => {
  const path = join(useTempDir(t), 'made.sfrec');
  const made = await generateRecording(path, { connections: 800, seed: 5 });
  const recording = openRecording(path);
  assert.equal(recording.events, made.events);
  assert.equal(recording.sizeBytes, made.fileBytes);
  assert.deepEqual(recording.damage, []);
  assert.equal(recording.creator, 'sockflow gen');
  const [origin] = recording.origins;
  assert.equal(origin?.id, 'generated:5');
  assert.equal(origin.hz, 250);
  assert.ok(origin.clock !== undefined && origin.clock.realtimeNs > origin.clock.bootNs);
  const { path: _path, fileBytes: _fileBytes, ...summary } = made;
  assert.deepEqual(summary, generateSlots({ connections: 800, seed: 5 }).summary);
});

test('writes the same file for the same seed, byte for byte', async (t) => {
  const dir = useTempDir(t);
  const write = async (name: string, seed: number): Promise<Buffer> => {
    const { path } = await generateRecording(join(dir, name), { connections: 300, seed });
    return readFileSync(path);
  };
  const first = await write('a.sfrec', 1);
  assert.ok(first.equals(await write('b.sfrec', 1)));
  assert.ok(!first.equals(await write('c.sfrec', 2)));
});

test('keeps what each connection did in order, with blocks grouped and not', async (t) => {
  const dir = useTempDir(t);
  for (const laneGroups of [1, 16]) {
    const path = join(dir, `groups-${laneGroups}.sfrec`);
    const made = await generateRecording(path, { connections: 3000, laneGroups });
    const report = await validateRecording(path);
    assert.deepEqual(report.violations, []);
    assert.equal(report.events, made.events);
  }
});

test('tells how far it is, and ends early with a whole recording where it is told to', async (t) => {
  const path = join(useTempDir(t), 'early.sfrec');
  const controller = new AbortController();
  const ratios: number[] = [];
  const made = await generateRecording(path, {
    sizeBytes: 1_000_000_000,
    signal: controller.signal,
    onProgress: ({ ratio }) => {
      ratios.push(ratio);
      if (ratios.length === 3) {
        controller.abort();
      }
    },
  });
  assert.equal(ratios.length, 3);
  assert.ok(ratios.every((ratio) => ratio > 0 && ratio < 1));
  assert.equal(openRecording(path).events, made.events);
  assert.deepEqual((await validateRecording(path)).violations, []);
});

test('refuses options before it touches the file', async (t) => {
  const path = join(useTempDir(t), 'none.sfrec');
  await assert.rejects(generateRecording(path, {}), { code: 'ERR_SOCKFLOW_INVALID_OPTION' });
  assert.throws(() => openRecording(path), { code: 'ERR_SOCKFLOW_RECORDING_MISSING' });
});

test('leaves what it wrote readable where it fails in the middle', async (t) => {
  const path = join(useTempDir(t), 'broken.sfrec');
  const broken = generateRecording(path, {
    sizeBytes: 1_000_000_000,
    laneGroups: 1,
    onProgress: () => {
      throw new Error('the terminal is gone');
    },
  });
  await assert.rejects(broken, { message: 'the terminal is gone' });
  const recording = openRecording(path);
  assert.deepEqual(
    recording.parts.map((part) => part.isUnfinished),
    [true],
  );
  assert.deepEqual((await validateRecording(path)).violations, []);
});

test('says where it cannot write', async (t) => {
  const path = join(useTempDir(t), 'no-such-folder', 'made.sfrec');
  await assert.rejects(generateRecording(path, { connections: 1 }), {
    code: 'ERR_SOCKFLOW_RECORDING_WRITE',
  });
});
