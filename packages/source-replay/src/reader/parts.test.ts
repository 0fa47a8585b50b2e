import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { isSockflowError, laneOf } from '@sockflow/core';
import { useTempDir } from '@sockflow/test-support';

import {
  ORIGIN_A,
  ORIGIN_B,
  type RandomSlots,
  randomSlots,
  slotTexts,
} from '../random-slots.test.support.ts';
import { replayAll } from '../replay-all.test.support.ts';
import { prepareRecording } from '../writer/prepare-recording.ts';
import { RecordingWriter } from '../writer/recording-writer.ts';
import { openRecording } from './open-recording.ts';

/** Writes slots as lanes do: each its own connections. */
function writeParts(path: string, slots: RandomSlots, lanes: number): void {
  prepareRecording(path, { lanes });
  for (let lane = 0; lane < lanes; lane++) {
    const writer = RecordingWriter.create(path, { lane, lanes, blockBytes: 64 << 10 });
    for (const [index, word] of slots.words.entries()) {
      if (laneOf(slots.memory.u32[word + 11]!, lanes) !== lane) continue;
      const end = slots.words[index + 1] ?? slots.endWord;
      writer.appendSlots(slots.memory, word, end, ORIGIN_A);
    }
    writer.close();
  }
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(isSockflowError(error));
    return error.code;
  }
  return 'none';
}

test('parts that several lanes wrote are one recording under the name given', async (t) => {
  const directory = useTempDir(t);
  const path = join(directory, 'out.sfrec');
  const slots = randomSlots({ count: 3000, seed: 1, connections: 200 });
  writeParts(path, slots, 3);
  assert.deepEqual(readdirSync(directory).toSorted(), [
    'out.0.sfrec',
    'out.1.sfrec',
    'out.2.sfrec',
  ]);
  const recording = openRecording(path);
  assert.deepEqual(
    recording.parts.map(({ part }) => part),
    [0, 1, 2],
  );
  assert.equal(recording.events, 3000);
  assert.deepEqual([recording.damage, recording.notes], [[], []]);
  const expected = slotTexts(slots).map((text) => `boot-a:${text}`);
  for (const lanes of [1, 2]) {
    const take = await replayAll(path, { lanes });
    const given = take.lanes.flatMap((lane) => lane.events);
    assert.deepEqual(given.toSorted(), expected.toSorted());
  }
});

test('blocks of several parts come by the time they begin', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  prepareRecording(path, { lanes: 2 });
  for (const lane of [0, 1]) {
    const writer = RecordingWriter.create(path, { lane, lanes: 2 });
    for (const block of [0, 1, 2]) {
      const startUs = (block * 2 + (lane === 0 ? 1 : 0)) * 10_000;
      const slots = randomSlots({ count: 2, seed: startUs, startUs });
      writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
      writer.flush();
    }
    writer.close();
  }
  const [take] = (await replayAll(path)).lanes;
  const times = take!.events.map((text) => Buffer.from(text.slice(7), 'hex').readBigUInt64LE(16));
  const blockStarts = times.filter((_, index) => index % 2 === 0);
  assert.deepEqual(
    blockStarts,
    blockStarts.toSorted((one, other) => Number(one - other)),
  );
});

test('several recordings are one source; their origins stay apart', async (t) => {
  const directory = useTempDir(t);
  const paths = ['one.sfrec', 'two.sfrec'].map((name) => join(directory, name));
  const slots = randomSlots({ count: 50, seed: 1 });
  for (const [index, path] of paths.entries()) {
    const writer = RecordingWriter.create(path);
    writer.appendSlots(slots.memory, 0, slots.endWord, [ORIGIN_A, ORIGIN_B][index]!);
    writer.close();
  }
  const [take] = (await replayAll(paths)).lanes;
  assert.equal(take!.events.filter((text) => text.startsWith('boot-a')).length, 50);
  assert.equal(take!.events.filter((text) => text.startsWith('boot-b')).length, 50);
  await assert.rejects(replayAll([paths[0]!, paths[0]!]), { code: 'ERR_SOCKFLOW_INVALID_OPTION' });
});

test('parts of an earlier run are not mixed in', (t) => {
  const directory = useTempDir(t);
  const path = join(directory, 'out.sfrec');
  writeParts(path, randomSlots({ count: 30, seed: 1 }), 4);
  const stale = join(directory, 'stale');
  copyFileSync(join(directory, 'out.3.sfrec'), stale);
  writeParts(path, randomSlots({ count: 20, seed: 2 }), 2);
  copyFileSync(stale, join(directory, 'out.3.sfrec'));
  const recording = openRecording(path);
  assert.equal(recording.events, 20);
  assert.match(recording.notes.join(), /out\.3\.sfrec' is of another recording/);
});

test('a missing part is damage, and parts of two recordings without a whole one are refused', async (t) => {
  const directory = useTempDir(t);
  const path = join(directory, 'out.sfrec');
  writeParts(path, randomSlots({ count: 30, seed: 1, connections: 9 }), 3);
  renameSync(join(directory, 'out.1.sfrec'), join(directory, 'kept'));
  const [damage] = openRecording(path).damage;
  assert.equal(damage?.kind, 'part');
  assert.ok(damage.path.endsWith('out.1.sfrec'));
  const { closeError } = await replayAll(path);
  assert.ok(isSockflowError(closeError));
  assert.equal(closeError.code, 'ERR_SOCKFLOW_RECORDING_DAMAGED');

  const other = join(directory, 'other.sfrec');
  writeParts(other, randomSlots({ count: 30, seed: 2 }), 3);
  copyFileSync(join(directory, 'other.1.sfrec'), join(directory, 'out.1.sfrec'));
  assert.equal(
    codeOf(() => openRecording(path)),
    'ERR_SOCKFLOW_RECORDING_PARTS',
  );
});

test('a part without its file header does not keep the others from being read, and is told', async (t) => {
  const directory = useTempDir(t);
  const slots = randomSlots({ count: 50, seed: 1 });
  const series = ['out.1.sfrec', 'out.2.sfrec', 'out.3.sfrec'].map((name) => join(directory, name));
  const writer = RecordingWriter.create(series[0]!);
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  writer.close();
  writeFileSync(`${series[1]}.part`, '');
  writeFileSync(`${series[2]}.part`, readFileSync(series[0]!).subarray(0, 100));
  const { lanes, closeError } = await replayAll(series);
  assert.equal(lanes[0]!.events.length, 50);
  assert.equal(closeError, undefined);
  assert.match(openRecording(series[1]!).notes.join(), /out\.2\.sfrec\.part' holds no event/);
  const byStem = openRecording(join(directory, 'out.sfrec'));
  assert.deepEqual([byStem.events, byStem.damage], [50, []]);
  assert.match(byStem.notes.join(), /out\.2\.sfrec\.part' holds.*out\.3\.sfrec\.part' holds/);
});

test('a lane without its file header has lost nothing where no lane had begun, and all it had where one had', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  prepareRecording(path, { lanes: 2 });
  truncateSync(path.replace('sfrec', '1.sfrec.part'), 0);
  const unbegun = openRecording(path);
  assert.deepEqual([unbegun.events, unbegun.damage], [0, []]);
  truncateSync(path.replace('sfrec', '0.sfrec.part'), 3);
  assert.deepEqual([openRecording(path).events, openRecording(path).parts.length], [0, 2]);

  prepareRecording(path, { lanes: 2 });
  const slots = randomSlots({ count: 3, seed: 1 });
  const writer = RecordingWriter.create(path, { lane: 0, lanes: 2 });
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  writer.close();
  truncateSync(path.replace('sfrec', '1.sfrec.part'), 0);
  const begun = openRecording(path);
  assert.equal(begun.events, 3);
  assert.deepEqual(
    begun.damage.map(({ kind, events }) => [kind, events]),
    [['part', undefined]],
  );
  assert.match(begun.notes.join(), /out\.1\.sfrec\.part' holds no event/);
});

test('one part can be opened by its own name', (t) => {
  const directory = useTempDir(t);
  const path = join(directory, 'out.sfrec');
  writeParts(path, randomSlots({ count: 90, seed: 1, connections: 9 }), 2);
  const events = [0, 1].map((lane) => openRecording(join(directory, `out.${lane}.sfrec`)).events);
  assert.equal(events[0]! + events[1]!, 90);
});

test('a new recording removes what an earlier one left under its names, and nothing else', (t) => {
  const directory = useTempDir(t);
  const path = join(directory, 'out.sfrec');
  writeParts(path, randomSlots({ count: 30, seed: 1 }), 4);
  const keep = ['out.9.sfrec', 'out.notes', 'out.x.sfrec', 'outer.0.sfrec', 'out.1.ndjson'];
  for (const name of keep) writeFileSync(join(directory, name), 'not a recording');
  copyFileSync(join(directory, 'out.0.sfrec'), join(directory, 'another.sfrec'));
  copyFileSync(join(directory, 'out.0.sfrec'), join(directory, 'out.5.sfrec.part'));
  RecordingWriter.create(path).close();
  assert.deepEqual(
    readdirSync(directory).toSorted(),
    [...keep, 'another.sfrec', 'out.sfrec'].toSorted(),
  );
  RecordingWriter.create(path).close();
  writeParts(path, randomSlots({ count: 3, seed: 1 }), 2);
  assert.equal(existsSync(path), false);
});

test('a finished recording stays until the next one of its name is finished', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const slots = randomSlots({ count: 30, seed: 1 });
  const first = RecordingWriter.create(path);
  first.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  first.close();
  const failed = RecordingWriter.create(path);
  failed.flush();
  failed.abandon();
  const kept = openRecording(path);
  assert.equal(kept.events, 30);
  assert.match(kept.notes.join(), /out\.sfrec\.part' lies beside/);
  RecordingWriter.create(path).close();
  assert.equal(openRecording(path).events, 0);
});

test('what is no recording is not overwritten', (t) => {
  const directory = useTempDir(t);
  const path = join(directory, 'out.sfrec');
  writeFileSync(path, 'my thesis');
  assert.equal(
    codeOf(() => RecordingWriter.create(path)),
    'ERR_SOCKFLOW_RECORDING_TARGET',
  );
  assert.equal(
    codeOf(() => RecordingWriter.create(directory)),
    'ERR_SOCKFLOW_RECORDING_TARGET',
  );
  rmSync(path);
  writeFileSync(path, '');
  RecordingWriter.create(path).close();
  assert.equal(openRecording(path).events, 0);
});

test('a lane opens only the part that was prepared for it', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const open = (lane: number, lanes: number): RecordingWriter =>
    RecordingWriter.create(path, { lane, lanes });
  assert.equal(
    codeOf(() => open(1, 2)),
    'ERR_SOCKFLOW_RECORDING_STATE',
  );
  prepareRecording(path, { lanes: 3 });
  assert.equal(
    codeOf(() => open(1, 2)),
    'ERR_SOCKFLOW_RECORDING_STATE',
  );
  const writer = open(1, 3);
  const slots = randomSlots({ count: 3, seed: 1 });
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  writer.flush();
  assert.equal(
    codeOf(() => open(1, 3)),
    'ERR_SOCKFLOW_RECORDING_STATE',
  );
  writer.close();
});
