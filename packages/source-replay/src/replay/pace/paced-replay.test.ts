import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import {
  filterTime,
  type LaneSource,
  type OpenSource,
  type Plan,
  SOURCE_END,
  SOURCE_IDLE,
  type SlotSpan,
  type Source,
  walkSlots,
} from '@sockflow/core';
import { checkSource } from '@sockflow/core/conformance';
import { useTempDir } from '@sockflow/test-support';
import { filter, firstValueFrom, map } from 'rxjs';

import { fromReplay } from '../../from-replay.ts';
import {
  ORIGIN_A,
  ORIGIN_B,
  randomSlots,
  slotHex,
  slotTexts,
} from '../../random-slots.test.support.ts';
import { replayAll } from '../../replay-all.test.support.ts';
import { RecordingWriter } from '../../writer/recording-writer.ts';
import type { ReplayLaneData } from '../replay-lane.ts';
import { replay } from '../replay.ts';
import { PaceBoard } from './pace-board.ts';

const REAL = fileURLToPath(new URL('../../../../../fixtures/real.sfrec', import.meta.url));
const RETRANS_CB = 9;
/** For `speed`: nobody lives to see the second event. */
const NEVER = 1e-9;

/** A slot as it was given. */
interface Given {
  readonly text: string;
  /** How late it was by the clock of the replay, ms. */
  readonly lateMs: number;
}

interface Opened {
  readonly opened: OpenSource;
  readonly ends: readonly LaneSource[];
}

/** Bursts of events, each so long after the one before. */
function writeBursts(t: TestContext, gapMs: number, bursts = 2, isFlushed = false): string {
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = RecordingWriter.create(path);
  for (let burst = 0; burst < bursts; burst++) {
    const startUs = 1000 + burst * gapMs * 1000;
    const slots = randomSlots({ count: 300, seed: burst, connections: 40, startUs });
    writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
    if (isFlushed) writer.flush();
  }
  writer.close();
  return path;
}

async function openLanes(source: Source, lanes: number, plans: readonly Plan[]): Promise<Opened> {
  const opened = await source.open({ lanes, plans });
  const ends: LaneSource[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    const laneData = structuredClone(opened.laneData(lane));
    const counters = { add: (): void => {} };
    ends.push(await source.openLane({ lane, lanes, laneData, plans, counters }));
  }
  return { opened, ends };
}

async function close({ opened, ends }: Opened): Promise<void> {
  for (const end of ends) await end.close();
  await opened.close();
}

/** Reads a lane to its end, and notes of each slot how late it came. */
async function readTimed({ opened, ends }: Opened, lane: number): Promise<Given[]> {
  const end = ends[lane] as LaneSource;
  const { pace, data } = opened.laneData(lane) as ReplayLaneData;
  assert.ok(pace !== undefined);
  const given: Given[] = [];
  await readSpans(end, (span) => {
    const nowMs = Number(process.hrtime.bigint()) / 1e6;
    // Asked for when the clock goes already: it is not started by it.
    const startMs = Number(new PaceBoard(pace.board).start()) / 1e6;
    const origin = data.origins.findIndex(({ id }) => id === span.origin.id);
    walkSlots(span, (word) => {
      const dueMs = (timeUsAt(span, word) + pace.shiftsUs[origin]!) / 1000 / pace.speed;
      given.push({ text: slotHex(span.memory, word), lateMs: nowMs - startMs - dueMs });
    });
  });
  return given;
}

async function readSpans(end: LaneSource, take: (span: SlotSpan) => void): Promise<void> {
  for (;;) {
    const span = end.next();
    if (span === SOURCE_END) return;
    if (span === SOURCE_IDLE) await end.wait(50);
    else take(span);
  }
}

function isMarkerText(text: string): boolean {
  return ['04', '05'].includes(text.slice(16, 18));
}

function timeUsAt({ memory }: SlotSpan, word: number): number {
  return (memory.u32[word + 4]! + memory.u32[word + 5]! * 2 ** 32) / 1000;
}

test('every event comes, in its order, and none before its time', async (t) => {
  for (const [path, speed] of [
    [REAL, 40],
    [writeBursts(t, 100), 1],
  ] as const) {
    const [atOnce] = (await replayAll(path)).lanes;
    const lanes = await openLanes(replay(path, { speed }), 1, []);
    const given = await readTimed(lanes, 0);
    await close(lanes);
    assert.deepEqual(
      given.map(({ text }) => text),
      atOnce?.stream.map((text) => text.slice(text.indexOf(':') + 1)),
    );
    const earliest = Math.min(...given.map(({ lateMs }) => lateMs));
    // Times are f64, in us: what a rounding is.
    assert.ok(earliest > -0.001, `${earliest} ms`);
    const { behindMs = -1, eventsNotDue } = lanes.opened.pace?.() ?? {};
    assert.ok(behindMs >= 0 && behindMs < 60_000, `${behindMs}`);
    assert.equal(eventsNotDue, 0);
  }
});

test('lanes go by one start, and gaps stay where what lies between is filtered out', async () => {
  const plans: Plan[] = [[{ type: 'op', ops: [RETRANS_CB] }]];
  const lanes = await openLanes(replay(REAL, { speed: 40 }), 2, plans);
  const given = await Promise.all([readTimed(lanes, 0), readTimed(lanes, 1)]);
  await close(lanes);
  assert.ok(given.every((ofLane) => ofLane.length > 0));
  const earliest = Math.min(...given.flat().map(({ lateMs }) => lateMs));
  assert.ok(earliest > -0.001, `${earliest} ms`);
});

test('blocks that overlap, those of lane groups, come in the order of time; connections and markers keep theirs', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = RecordingWriter.create(path, { laneGroups: 8, blockBytes: 64 << 10 });
  const slots = randomSlots({ count: 9000, seed: 6, connections: 200, markerEvery: 900 });
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  writer.close();
  const original = slotTexts(slots);
  const timeNs = (text: string): bigint => Buffer.from(text.slice(32, 48), 'hex').readBigUInt64LE();
  /** By how much an event is older than one before it, at most, ns. */
  const backNs = (texts: readonly string[]): bigint => {
    let [latest, most] = [0n, 0n];
    for (const text of texts) {
      const ns = timeNs(text);
      if (latest - ns > most) most = latest - ns;
      if (ns > latest) latest = ns;
    }
    return most;
  };
  const [atOnce] = (await replayAll(path)).lanes;
  const byBlocks = backNs(atOnce!.stream.map((text) => text.slice(text.indexOf(':') + 1)));
  assert.ok(byBlocks > 100n * backNs(original), 'in the file they overlap');

  const lanes = await openLanes(replay(path, { speed: 0.1 }), 1, []);
  const given = await readTimed(lanes, 0);
  await close(lanes);
  const texts = given.map(({ text }) => text);
  assert.ok(Math.min(...given.map(({ lateMs }) => lateMs)) > -0.001);
  assert.ok(backNs(texts) < 20n * backNs(original), `${backNs(texts)} ns`);
  const cookieOf = (text: string): string => text.slice(48, 64);
  for (const key of new Set(original.map(cookieOf))) {
    const ofKey = (all: readonly string[]): string[] =>
      all.filter((text) => cookieOf(text) === key && !isMarkerText(text));
    assert.deepEqual(ofKey(texts), ofKey(original));
  }
  const places = (all: readonly string[]): number[] =>
    all.flatMap((text, index) => (isMarkerText(text) ? [index] : []));
  assert.deepEqual(places(texts), places(original));

  const three = await replayAll(path, { lanes: 3, speed: 5 });
  const events = three.lanes.flatMap((lane) => lane.events);
  assert.deepEqual(events.toSorted(), atOnce!.events.toSorted());
  for (const lane of three.lanes) assert.deepEqual(lane.endTimesUs, atOnce!.endTimesUs);
});

test('nothing is older than the time that its lane has told before, also of a lane whose blocks end first', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = RecordingWriter.create(path, { laneGroups: 8, blockBytes: 64 << 10 });
  const slots = randomSlots({ count: 3000, seed: 7, connections: 200 });
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  writer.close();
  const lanes = await openLanes(replay(path, { speed: 0.1 }), 2, []);
  const ends = await Promise.all(
    lanes.ends.map(async (end) => {
      let [toldUs, given] = [0, 0];
      await readSpans(end, (span) => {
        walkSlots(span, (word) => {
          assert.ok(timeUsAt(span, word) >= toldUs);
          given++;
        });
        toldUs = Math.max(toldUs, span.endTimeUs);
      });
      assert.ok(given > 0);
      return toldUs;
    }),
  );
  await close(lanes);
  assert.equal(ends[0], ends[1], 'and at the end all is told');
});

test('origins whose wall clock is known lie on one clock', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = RecordingWriter.create(path);
  const other = {
    ...ORIGIN_B,
    clock: { bootNs: 0n, realtimeNs: ORIGIN_A.clock!.realtimeNs - ORIGIN_A.clock!.bootNs },
  };
  for (const [startUs, origin] of [
    [9_000_000, ORIGIN_A],
    [9_050_000, other],
  ] as const) {
    const slots = randomSlots({ count: 20, seed: 5, startUs });
    writer.appendSlots(slots.memory, 0, slots.endWord, origin);
  }
  writer.close();
  const lanes = await openLanes(replay(path, { speed: 1 }), 1, []);
  const given = await readTimed(lanes, 0);
  await close(lanes);
  assert.equal(given.length, 40);
  assert.ok(Math.min(...given.map(({ lateMs }) => lateMs)) > -0.001);
  const { pace } = lanes.opened.laneData(0) as ReplayLaneData;
  assert.ok(
    pace!.shiftsUs.every((shiftUs) => Math.abs(shiftUs + 9_000_000) < 10),
    JSON.stringify(pace!.shiftsUs),
  );
});

test('the time before --from is not waited for, nor that from --to on', async (t) => {
  const path = writeBursts(t, 3_600_000, 3);
  const middleNs = 1_000_000n + 3_600_000_000_000n;
  const batches = fromReplay(path, { speed: 1 }).pipe(
    filterTime({ startNs: middleNs - 1_000_000n, endNs: middleNs + 3_000_000_000n }),
  );
  let events = 0;
  await batches.forEach((batch) => (events += batch.size));
  assert.equal(events, 300);
});

test('it starts with the first block that anything is wanted of', async (t) => {
  const path = writeBursts(t, 3_600_000, 2, true);
  // An hour passes between the time asked for and the first event after it.
  const batches = fromReplay(path, { speed: 1 }).pipe(filterTime({ startNs: 60_000_000_000n }));
  const sizes = batches.pipe(
    map(({ size }) => size),
    filter((size) => size > 0),
  );
  assert.ok((await firstValueFrom(sizes)) > 0);
});

test('in a gap the lane waits no longer than it is told, and what was not due is counted', async () => {
  const lanes = await openLanes(replay(REAL, { speed: NEVER }), 1, []);
  const [end] = lanes.ends as [LaneSource];
  let slots = 0;
  let waits = 0;
  while (slots === 0 || waits < 4) {
    const span = end.next();
    assert.notEqual(span, SOURCE_END);
    if (span === SOURCE_IDLE) {
      await end.wait(1);
      if (slots > 0) waits++;
    } else if (span !== SOURCE_END) {
      slots += walkSlots(span, () => {}).slots;
    }
  }
  await close(lanes);
  const { eventsNotDue = 0 } = lanes.opened.pace?.() ?? {};
  assert.ok(slots >= 1 && slots < 10, `${slots}`);
  assert.ok(eventsNotDue > 1000 && eventsNotDue + slots < 3595, `${eventsNotDue}`);
});

test('who is slow is given together what has become due, and the report says how late', async () => {
  const lanes = await openLanes(replay(REAL, { speed: 40 }), 1, []);
  const [end] = lanes.ends as [LaneSource];
  const lengths: number[] = [];
  await readSpans(end, (span) => {
    let slots = 0;
    walkSlots(span, () => slots++);
    lengths.push(slots);
    if (lengths.length === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  });
  await close(lanes);
  // All of the recording takes 272 ms.
  assert.ok(lengths.length < 10, `${lengths.length} spans`);
  assert.ok(lanes.opened.pace!()!.behindMs >= 20);
});

test('a replay at a pace keeps the contract of sources', async () => {
  assert.deepEqual(await checkSource(replay(REAL, { speed: 200 }), { lanes: [1, 2] }), []);
});

test('what is no speed is refused', () => {
  for (const speed of [0, -1, Number.NaN, Infinity, '1' as unknown as number]) {
    assert.throws(() => replay(REAL, { speed }), { code: 'ERR_SOCKFLOW_INVALID_OPTION' });
  }
});
