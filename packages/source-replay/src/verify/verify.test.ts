import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';
import * as fc from 'fast-check';

import { BLOCK, FrameType, PREAMBLE } from '../format/layout.ts';
import { ORIGIN_B, randomSlots } from '../random-slots.test.support.ts';
import { prepareRecording } from '../writer/prepare-recording.ts';
import { RecordingWriter } from '../writer/recording-writer.ts';
import {
  add,
  assembled,
  findingsOf,
  framesOf,
  recordingOf,
  takenApart,
  typeOf,
} from './frames-of.test.support.ts';
import { verifyRecording } from './verify-recording.ts';

test('what the writer writes is as the format says, whatever the slots, groups and origins', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 8, 64),
      fc.nat(),
      fc.nat(200),
      fc.constantFrom('none' as const, 'lz4' as const, 'zstd' as const),
      (groups, seed, count, compression) => {
        assert.deepEqual(findingsOf(recordingOf(path, groups, seed, count, compression)), []);
        const report = verifyRecording(path);
        assert.equal(report.findingCount, 0);
        assert.deepEqual(
          report.parts.map(({ blocks, blocksRead }) => blocks - blocksRead),
          [0],
        );
      },
    ),
    { numRuns: 40 },
  );
});

test('a part taken apart and put together again is the same', (t) => {
  const bytes = recordingOf(join(useTempDir(t), 'out.sfrec'), 4);
  assert.ok(assembled(takenApart(bytes)).equals(bytes));
});

test('every byte that is changed is found, but for those that mean nothing', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = RecordingWriter.create(path);
  const slots = randomSlots({ count: 2, seed: 1 });
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_B);
  writer.close();
  const bytes = readFileSync(path);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at]! ^= 1 << ((at * 5) % 8);
    assert.ok(findingsOf(bytes).length > 0, `byte ${at}`);
    bytes[at]! ^= 1 << ((at * 5) % 8);
  }
  assert.deepEqual(findingsOf(bytes), []);
});

test('a file cut at any byte is found, unless it is named unfinished and ends with a frame', (t) => {
  const bytes = recordingOf(join(useTempDir(t), 'out.sfrec'), 1, 1, 3);
  const ends = new Set<number>();
  let end = bytes.readUInt32LE(PREAMBLE.headerBytesOffset);
  for (const { header, body } of takenApart(bytes).frames) {
    ends.add(end);
    end += header.length + body.length;
  }
  for (let cut = bytes.readUInt32LE(PREAMBLE.headerBytesOffset); cut < bytes.length; cut++) {
    const part = bytes.subarray(0, cut);
    assert.ok(findingsOf(part).length > 0, `cut at ${cut}`);
    assert.equal(findingsOf(part, true).length === 0, ends.has(cut), `unfinished, cut at ${cut}`);
  }
});

test('a report names parts that are missing, keeps as many findings as asked for, and counts all', (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'out.sfrec');
  const part = takenApart(recordingOf(path, 1));
  writeFileSync(
    path,
    assembled(
      part,
      (frame) => typeOf(frame) === FrameType.BLOCK && add(frame, BLOCK.slotsOffset, 1),
    ),
  );
  const report = verifyRecording(path, { maxFindings: 2 });
  assert.equal(report.findings.length, 2);
  assert.equal(report.findingCount, framesOf(part, FrameType.BLOCK).length);
  assert.deepEqual(report.countsByInvariant, { F7: report.findingCount });
  const lanes = { lanes: 2, recordingId: '00'.repeat(16) };
  prepareRecording(join(dir, 'two.sfrec'), lanes);
  RecordingWriter.create(join(dir, 'two.sfrec'), { ...lanes, lane: 1 }).close();
  const { findings } = verifyRecording(join(dir, 'two.1.sfrec'));
  assert.deepEqual(findings, []);
});
