import assert from 'node:assert/strict';
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { skipTest, useTempDir } from '@sockflow/test-support';

import {
  isMarkerAt,
  ORIGIN_A,
  ORIGIN_B,
  randomSlots,
  slotHex,
  slotTexts,
} from './random-slots.test.support.ts';
import { openRecording } from './reader/open-recording.ts';
import { recordingStatistics } from './reader/recording-statistics.ts';
import { scanRecording } from './scan-recording.ts';
import { prepareRecording } from './writer/prepare-recording.ts';
import { RecordingWriter } from './writer/recording-writer.ts';

const first = randomSlots({ count: 700, seed: 1, markerEvery: 30, longEvery: 6 });
const second = randomSlots({ count: 300, seed: 2, startUs: 500 });

function writeBoth(path: string): void {
  const writer = RecordingWriter.create(path, { blockBytes: 64 << 10 });
  writer.appendSlots(first.memory, 0, first.endWord, ORIGIN_A);
  writer.appendSlots(second.memory, 0, second.endWord, ORIGIN_B);
  writer.close();
}

test('a scan visits every slot, markers included, with its origin', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  writeBoth(path);
  const seen: string[] = [];
  const damage = scanRecording(openRecording(path), (memory, word, bytes, origin) => {
    const text = slotHex(memory, word);
    assert.equal(text.length, bytes * 2);
    seen.push(`${origin.id}:${text}`);
  });
  assert.deepEqual(damage, []);
  assert.deepEqual(
    seen.toSorted(),
    [
      ...slotTexts(first).map((text) => `boot-a:${text}`),
      ...slotTexts(second).map((text) => `boot-b:${text}`),
    ].toSorted(),
  );
});

test('a part that has gone meanwhile leaves no file open', (t) => {
  if (!existsSync('/proc/self/fd')) return skipTest(t, 'needs /proc/self/fd');
  const path = join(useTempDir(t), 'out.sfrec');
  prepareRecording(path, { lanes: 2 });
  for (const lane of [0, 1]) RecordingWriter.create(path, { lane, lanes: 2 }).close();
  const recording = openRecording(path);
  rmSync(recording.parts[1]!.path);
  assert.throws(() => scanRecording(recording, () => {}), {
    code: 'ERR_SOCKFLOW_RECORDING_MISSING',
  });
  const open = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  assert.ok(!open.includes(recording.parts[0]!.path));
});

test('a scan goes on over damage, and names it', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  writeBoth(path);
  const { blocks } = openRecording(path).parts[0]!;
  const bytes = readFileSync(path);
  bytes[blocks.payloadOffset(1)]! ^= 1;
  writeFileSync(path, bytes);
  let slots = 0;
  const damage = scanRecording(openRecording(path), () => slots++);
  assert.deepEqual(
    damage.map(({ kind, events }) => [kind, events]),
    [['block', blocks.events(1)]],
  );
  assert.equal(slots, 1000 - blocks.slots(1));
});

test('statistics of a recording are those of its slots', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  writeBoth(path);
  const { eventsByOp, slotsByKind, origins } = recordingStatistics(openRecording(path));
  const expectedOps = Array.from({ length: 32 }, () => 0);
  const expectedKinds = Array.from({ length: 8 }, () => 0);
  const times: bigint[] = [];
  for (const { memory, words } of [first, second]) {
    for (const word of words) {
      const what = memory.u32[word + 2]!;
      const kind = what & 255;
      if (kind === 1) expectedOps[Math.min((what >>> 8) & 255, 31)]!++;
      expectedKinds[kind > 7 ? 0 : kind]!++;
      if (memory === first.memory) times.push(memory.big[word / 2 + 2]!);
    }
  }
  assert.deepEqual(eventsByOp, expectedOps);
  assert.deepEqual(slotsByKind, expectedKinds);
  const markers = first.words.filter((word) => isMarkerAt(first.memory, word)).length;
  const sorted = times.toSorted((one, other) => Number(one - other));
  assert.deepEqual(origins[0], {
    origin: ORIGIN_A,
    blocks: origins[0]?.blocks,
    events: 700 - markers,
    markers,
    firstTimeNs: sorted[0],
    lastTimeNs: sorted.at(-1),
  });
  assert.deepEqual([origins[1]?.origin, origins[1]?.events], [ORIGIN_B, 300]);
});
