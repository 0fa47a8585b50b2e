import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';
import * as fc from 'fast-check';

import {
  isMarkerAt,
  ORIGIN_A,
  ORIGIN_B,
  randomSlots,
  selectionOf,
  slotHex,
  slotTexts,
} from './random-slots.test.support.ts';
import { openRecording } from './reader/open-recording.ts';
import { replayAll } from './replay-all.test.support.ts';
import { RecordingWriter } from './writer/recording-writer.ts';

const withOrigin = (origin: string, texts: readonly string[]): string[] =>
  texts.map((text) => `${origin}:${text}`);

test('gives back every slot, markers in their places, byte for byte and in order', async (t) => {
  const directory = useTempDir(t);
  const path = join(directory, 'out.sfrec');
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          count: fc.nat(700),
          seed: fc.nat(),
          isB: fc.boolean(),
          isSelection: fc.boolean(),
          keepOneIn: fc.constantFrom(1, 1, 2, 100),
        }),
        { maxLength: 5 },
      ),
      async (batches) => {
        const writer = RecordingWriter.create(path, { blockBytes: 64 << 10 });
        const expected: string[] = [];
        for (const { count, seed, isB, isSelection, keepOneIn } of batches) {
          const slots = randomSlots({ count, seed, markerEvery: 50, longEvery: 5 });
          const origin = isB ? ORIGIN_B : ORIGIN_A;
          const keep = (_: number, index: number): boolean => index % keepOneIn === 0;
          if (isSelection) writer.appendSelection(selectionOf(slots, origin, keep));
          else writer.appendSlots(slots.memory, 0, slots.endWord, origin);
          const kept = slots.words.filter(
            (word, index) => !isSelection || isMarkerAt(slots.memory, word) || keep(word, index),
          );
          expected.push(
            ...withOrigin(
              origin.id,
              kept.map((word) => slotHex(slots.memory, word)),
            ),
          );
        }
        const report = writer.close();
        const { lanes, closeError } = await replayAll(path);
        assert.equal(closeError, undefined);
        assert.deepEqual(lanes[0]?.stream, expected);
        const recording = openRecording(path);
        assert.equal(recording.events + recording.markers, expected.length);
        assert.equal(report.events, recording.events);
        assert.deepEqual(recording.damage, []);
        assert.deepEqual(recording.notes, []);
      },
    ),
    { numRuns: 40 },
  );
});

test('gives back the origin as it was given', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  RecordingWriter.create(path, { origin: ORIGIN_A }).close();
  assert.deepEqual(openRecording(path).origins, [ORIGIN_A]);
});

test('has the final name only once it is whole', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = RecordingWriter.create(path, { origin: ORIGIN_A });
  assert.equal(existsSync(path), false);
  assert.equal(existsSync(`${path}.part`), true);
  writer.close();
  assert.equal(existsSync(path), true);
  assert.equal(existsSync(`${path}.part`), false);
});

test('an unfinished recording is found by its final name', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const slots = randomSlots({ count: 300, seed: 1 });
  const writer = RecordingWriter.create(path, { blockBytes: 64 << 10 });
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  const written = writer.eventsWritten;
  assert.ok(written > 0 && written < 300);
  const { lanes, closeError } = await replayAll(path);
  assert.equal(closeError, undefined);
  assert.deepEqual(lanes[0]?.events, withOrigin('boot-a', slotTexts(slots)).slice(0, written));
  assert.match(openRecording(path).notes.join(), /unfinished/);
  writer.close();
});
