import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import {
  type Batch,
  isSockflowError,
  LANE_COUNTERS,
  type LaneCounter,
  SlotView,
  SOURCE_END,
  SOURCE_IDLE,
  walkSlots,
  filterOp,
  filterPort,
} from '@sockflow/core';
import type { Origin, SlotMemory, SlotSpan } from '@sockflow/core';

import {
  ALIGN_BYTES,
  BLOCK,
  BLOCK_HEADER_BYTES,
  COMPRESSION_NONE,
  FRAME_MAGIC,
  MAX_PAYLOAD_BYTES,
} from '../format/layout.ts';
import { fromReplay } from '../from-replay.ts';
import { MemoryFile } from '../memory-file.test.support.ts';
import { BlockReader, largestPayloadBytes } from '../reader/block-reader.ts';
import { describeDamage } from '../reader/damage.ts';
import { describePart, type RecordingPart } from '../reader/open-part.ts';
import { openRecording, type Recording } from '../reader/open-recording.ts';
import { recordingStatistics } from '../reader/recording-statistics.ts';
import { replay } from '../replay/replay.ts';
import { scanRecording } from '../scan-recording.ts';
import { underLimit } from './allocation-limit.test.support.ts';

/** Memory that an input may cost: for its descriptor, its index, its blocks, read three times over and once a lane, and room for small ones. */
const BYTES_PER_BYTE = 24;
const BYTES_OF_ALL = 4 << 20;
/** Whole objects are made of so many slots of an input. */
const MAX_OBJECTS = 12;
const KIND_WORD = 2;
/** A deep check reads so often, each time with memory of its own, and a library decompresses into memory of its own too. */
const READINGS = 14;

/** What became of an input: a code, or how many events were read, and the digest of all of them. */
export type Outcome = string;

interface Take {
  /** Markers in spans that say they hold none. */
  hidden: number;
  events: number;
  markers: number;
  digest: number;
}

/**
 * `isDeep`: by the functions that users call, from a file, and as replays of one lane and of two and as batches too; else in memory, opened and scanned only, twenty times as fast.
 *
 * `recordingPath`: what is opened, where the input is one part of it.
 *
 * The property that every input must have: a coded error, or events that are what they say, the same by every way of reading, within bounds of memory.
 *
 * @throws AssertionError, or whatever the reader threw that is no coded error
 */
export async function checkInput(
  path: string,
  bytes: Buffer,
  isDeep = true,
  recordingPath: string = path,
): Promise<Outcome> {
  const limitBytes = BYTES_OF_ALL + bytes.length * BYTES_PER_BYTE + statedBytes(bytes) * READINGS;
  if (!isDeep) return underLimit(limitBytes, async () => checkPart(bytes, path.endsWith('.part')));
  writeFileSync(path, bytes);
  return underLimit(limitBytes, () => check(recordingPath));
}

/** Of compressed blocks, the largest payload that a header states: so much a reader must be ready for, and no more (F16). */
function statedBytes(bytes: Buffer): number {
  let largest = 0;
  for (let at = 0; at + BLOCK_HEADER_BYTES <= bytes.length; at += ALIGN_BYTES) {
    if (bytes.readUInt32LE(at) !== FRAME_MAGIC) continue;
    if (bytes.readUInt32LE(at + BLOCK.compressionOffset) === COMPRESSION_NONE) continue;
    const payloadBytes = bytes.readUInt32LE(at + BLOCK.payloadBytesOffset);
    if (payloadBytes <= MAX_PAYLOAD_BYTES) largest = Math.max(largest, payloadBytes);
  }
  return largest;
}

/** Opened and scanned in memory: what openRecording and scanRecording do with each part, without the files. */
function checkPart(bytes: Buffer, isUnfinished: boolean): Outcome {
  const file = new MemoryFile(bytes);
  const part = coded(() => describePart(file, isUnfinished));
  if (typeof part === 'string') return part;
  checkPartFacts(part);
  const { blocks, origins } = part;
  reader =
    largestPayloadBytes(blocks) > reader.memory.u8.length
      ? new BlockReader(largestPayloadBytes(blocks))
      : reader;
  const scanned: Take = { hidden: 0, events: 0, markers: 0, digest: 0 };
  let left = MAX_OBJECTS;
  for (let row = 0; row < blocks.count; row++) {
    for (const count of [blocks.events(row), blocks.markers(row), blocks.slots(row)])
      checkCount(count, 'a count of a block');
    const origin = origins.get(blocks.originNumber(row));
    assert.ok(origin !== undefined, 'a block without an origin');
    if (!reader.read(file, blocks, row)) continue;
    const { memory } = reader;
    const endWord = blocks.payloadBytes(row) / 4;
    walkSlots({ ...PLAIN_SPAN, memory, endWord, origin }, (word, length) => {
      assert.ok(word + length / 4 <= endWord, 'a slot that leaves its block');
      checkSlot(memory, word, length);
      takeSlot(memory, word, length, scanned);
      if (left-- > 0) checkObject(new SlotView(memory.u32, memory.big, word, origin).toObject());
    });
  }
  return `${scanned.events} events, ${scanned.markers} markers, ${scanned.digest >>> 0}, ${part.damage.length} damages`;
}

let reader = new BlockReader(1 << 20);
const PLAIN_SPAN = {
  startWord: 0,
  mayBeBusy: false,
  mayHoldOtherLanes: false,
  mayHoldMarkers: true,
  endTimeUs: 0,
} as const;

function checkPartFacts({ creator, origins, damage, sizeBytes, blocks }: RecordingPart): void {
  for (const count of [sizeBytes, blocks.count]) checkCount(count, 'a count');
  assert.ok(creator === undefined || typeof creator === 'string', 'creator');
  for (const origin of origins.values()) checkOrigin(origin);
  for (const one of damage) checkDamage(one);
}

async function check(path: string): Promise<Outcome> {
  const recording = coded(() => openRecording(path));
  if (typeof recording === 'string') {
    // Asked again it says the same.
    assert.equal(
      coded(() => openRecording(path)),
      recording,
    );
    assert.equal(await codedLater(async () => void (await replay(path).open(CONTEXT))), recording);
    return recording;
  }
  checkRecording(recording);
  const scanned: Take = { hidden: 0, events: 0, markers: 0, digest: 0 };
  const objects = { left: MAX_OBJECTS };
  const damage = scanRecording(recording, (memory, word, length, origin) => {
    checkSlot(memory, word, length);
    takeSlot(memory, word, length, scanned);
    if (objects.left-- > 0)
      checkObject(new SlotView(memory.u32, memory.big, word, origin).toObject());
  });
  for (const one of damage) checkDamage(one);
  const found = `${scanned.events} events, ${scanned.markers} markers, ${scanned.digest >>> 0}, ${damage.length} damages`;
  const one = await replayed(path, 1);
  const { events, digest } = one.take;
  const isSame = events === scanned.events && digest === scanned.digest;
  assert.ok(isSame, `a replay gives other events (${events}) than a scan (${scanned.events})`);
  assert.ok(one.take.markers >= scanned.markers, 'a replay gives fewer markers than a scan');
  await replayed(path, 2);
  // A marker in a block whose header says that it has none passes for an event: only reading all of it would show.
  await readBatches(path, one.take.hidden === 0 ? scanned.events : undefined);
  return `${found}, ${one.end}`;
}

const CONTEXT = { lanes: 1, plans: [] } as const;

function coded<T>(act: () => T): T | string {
  try {
    return act();
  } catch (error) {
    return codeOf(error);
  }
}

async function codedLater(act: () => Promise<void>): Promise<string> {
  try {
    await act();
    return 'well';
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  if (!isSockflowError(error)) throw error;
  assert.ok((error.remedy ?? '').length > 0, `${error.code} without a remedy`);
  assert.ok(!error.message.includes('out of range'), `${error.code}: ${error.message}`);
  return error.code;
}

function checkRecording(recording: Recording): void {
  const { events, markers, blocks, sizeBytes } = recording;
  for (const count of [events, markers, blocks, sizeBytes]) checkCount(count, 'a count');
  assert.ok(recording.creator === undefined || typeof recording.creator === 'string', 'creator');
  for (const origin of recording.origins) checkOrigin(origin);
  for (const one of recording.damage) checkDamage(one);
  recordingStatistics(recording);
}

function checkOrigin({ id, hz, clock, captured }: Origin): void {
  assert.equal(typeof id, 'string');
  assert.ok(hz === undefined || (Number.isFinite(hz) && hz > 0), `hz ${hz}`);
  for (const value of [clock?.bootNs, clock?.realtimeNs, captured]) {
    assert.ok(value === undefined || BigInt.asUintN(64, value) === value, `${value} is no u64`);
  }
}

function checkDamage(damage: Parameters<typeof describeDamage>[0]): void {
  const { events, startOffset, endOffset } = damage;
  if (events !== undefined) checkCount(events, 'events lost');
  checkCount(startOffset, 'where damage starts');
  checkCount(endOffset, 'where damage ends');
  assert.ok(endOffset >= startOffset, 'damage ends before it starts');
  assert.ok(describeDamage(damage).length > 0);
}

function checkCount(count: number, what: string): void {
  assert.ok(Number.isSafeInteger(count) && count >= 0, `${what}: ${count}`);
}

function checkSlot({ u32 }: SlotMemory, word: number, length: number): void {
  assert.ok(word % 16 === 0 && length % 64 === 0 && length >= 256, `a slot at ${word}, ${length}`);
  assert.ok(word + length / 4 <= u32.length, 'a slot that leaves its memory');
}

function takeSlot({ u8, u32 }: SlotMemory, word: number, length: number, take: Take): void {
  const kind = (u32[word + KIND_WORD] ?? 0) & 0xff;
  if (kind === 4 || kind === 5) {
    take.markers++;
    return;
  }
  take.events++;
  take.digest = crc32(u8.subarray(word * 4 + 8, word * 4 + length), take.digest);
}

/** Every value has the form that its type promises. */
function checkObject(object: object): void {
  for (const [name, value] of Object.entries(object)) {
    if (typeof value === 'number') assert.ok(Number.isFinite(value), `${name}: ${value}`);
    if (typeof value === 'bigint' && name !== 'wallNs') {
      assert.equal(BigInt.asUintN(64, value), value, name);
    }
  }
}

async function replayed(path: string, lanes: number): Promise<{ take: Take; end: string }> {
  const source = replay(path);
  const opened = await source.open({ lanes, plans: [] });
  const take: Take = { hidden: 0, events: 0, markers: 0, digest: 0 };
  const sums = Object.fromEntries(LANE_COUNTERS.map((name) => [name, 0])) as Record<
    LaneCounter,
    number
  >;
  const add = (counter: LaneCounter, amount: number): void => {
    checkCount(amount, counter);
    sums[counter] += amount;
  };
  for (let lane = 0; lane < lanes; lane++) {
    const laneData = opened.laneData(lane);
    const end = await source.openLane({ lane, lanes, laneData, plans: [], counters: { add } });
    for (let span = end.next(); span !== SOURCE_END; span = end.next()) {
      if (span === SOURCE_IDLE) await end.wait(1);
      else takeSpan(span, take);
    }
    await end.close();
  }
  const end = await codedLater(() => opened.close());
  assert.ok(end === 'well' || end === 'ERR_SOCKFLOW_RECORDING_DAMAGED', end);
  return { take, end };
}

function takeSpan(span: SlotSpan, take: Take): void {
  const { memory, endTimeUs } = span;
  assert.ok(Number.isFinite(endTimeUs), `a span ends at ${endTimeUs}`);
  walkSlots(span, (word, length) => {
    checkSlot(memory, word, length);
    const before = take.markers;
    takeSlot(memory, word, length, take);
    if (!span.mayHoldMarkers) take.hidden += take.markers - before;
  });
}

/** By the generated loops, with a plan, as views and as objects. */
async function readBatches(path: string, events: number | undefined): Promise<void> {
  let seen = 0;
  await codedLater(() =>
    fromReplay(path, { views: 'checked' }).forEach((batch: Batch) => {
      seen += batch.size;
      for (const event of batch) checkEvent(event.tsUs, event.cookie);
    }),
  );
  if (events !== undefined) assert.equal(seen, events, 'batches give other events than a scan');
  await codedLater(() =>
    fromReplay(path)
      .pipe(filterOp(3, 4, 12), filterPort([80, 443]))
      .forEach((batch) => void batch.toObjects()),
  );
}

function checkEvent(tsUs: number, cookie: bigint): void {
  assert.ok(Number.isFinite(tsUs) && tsUs >= 0 && cookie >= 0n);
}
