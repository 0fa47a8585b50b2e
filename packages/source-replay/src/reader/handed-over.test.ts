import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { ORIGIN_A, randomSlots } from '../random-slots.test.support.ts';
import { replayAll } from '../replay-all.test.support.ts';
import { RecordingWriter } from '../writer/recording-writer.ts';
import { handOver, takeOver } from './handed-over.ts';
import { openRecording } from './open-recording.ts';

function write(path: string, count: number): void {
  const writer = RecordingWriter.create(path);
  const slots = randomSlots({ count, seed: 1 });
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  writer.close();
}

test('a recording that was handed over is taken once', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  write(path, 10);
  const recording = openRecording(path);
  handOver(recording);
  assert.equal(takeOver(path), recording);
  assert.notEqual(takeOver(path), recording);
});

test('of a file that has another in its place by then, the other is replayed', async (t) => {
  const folder = useTempDir(t);
  const path = join(folder, 'out.sfrec');
  write(path, 10);
  handOver(openRecording(path));
  write(join(folder, 'other.sfrec'), 20);
  renameSync(join(folder, 'other.sfrec'), path);
  const take = await replayAll(path);
  assert.equal(take.lanes[0]?.events.length, 20);
});

test('of one that is gone or not whole, the replay says so itself', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  write(path, 10);
  handOver(openRecording(path));
  writeFileSync(path, 'no recording any more, whatever was there before');
  assert.throws(() => takeOver(path), { code: 'ERR_SOCKFLOW_NOT_A_RECORDING' });
});
