import { createHash } from 'node:crypto';

import type { Plan } from '../../contracts/filter.ts';
import { LANE_COUNTERS, type LaneCounter } from '../../contracts/ledger.ts';
import {
  SOURCE_END,
  SOURCE_IDLE,
  type LaneSource,
  type OpenSource,
  type Source,
} from '../../contracts/source.ts';
import { PlanRunner } from '../../operators/plan/plan-runner.ts';
import { Kind } from '../../schema/kind.ts';
import { laneOf } from '../../schema/lane-key.ts';
import { SLOT_STEP_BYTES } from '../../slot/layout.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { EventLoopYield } from '../../slot/waiting/event-loop-yield.ts';
import { walkSlots } from '../../slot/walk-slots.ts';
import { Ages, HeldSpans } from './span-promises.ts';

const STEP_WORDS = SLOT_STEP_BYTES / 4;
const LANE_KEY_WORD = 11;
const KIND_WORD = 2;

/** One lane of one reading. */
export interface LaneRequest {
  readonly source: Source;
  readonly opened: OpenSource;
  readonly lane: number;
  readonly lanes: number;
  readonly plan: Plan;
  readonly isPushedDown: boolean;
  /** So long without anything to read is an error; of a live source, so long without an end once that is due. */
  readonly idleEndMs: number;
  /** Of a live source: whether it has stopped, so that an end is due. */
  readonly isEndDue?: () => boolean;
  /** Called when the lane's end is open. */
  readonly onOpen?: () => void;
  /** Called with the events of each span, also where the reading fails later. */
  readonly onEvents?: (events: number) => void;
  /** Whether some spans are held for a while, as by a sink that asks for time. */
  readonly holdsSpans?: boolean;
}

/** What one lane was given, as far as it is compared. */
export interface LaneReading {
  /** What the plan keeps: a digest of each event's bytes, in order, by connection (origin and cookies). */
  readonly connections: Map<string, string[]>;
  /** Digests of loss markers. */
  readonly losses: string[];
  readonly counts: Record<LaneCounter, number>;
  readonly broken: string[];
}

/** Reads one lane of a source to its end, as a lane does, and notes what the contract forbids. */
export async function readLane(request: LaneRequest): Promise<LaneReading> {
  const { source, opened, lane, lanes, plan, isPushedDown } = request;
  const counts = Object.fromEntries(LANE_COUNTERS.map((counter) => [counter, 0])) as Record<
    LaneCounter,
    number
  >;
  const reading: LaneReading = { connections: new Map(), losses: [], counts, broken: [] };
  const end = await source.openLane({
    lane,
    lanes,
    laneData: structuredClone(opened.laneData(lane)),
    plans: isPushedDown ? [plan] : [],
    counters: {
      add(counter, amount) {
        if (!Number.isSafeInteger(amount) || amount < 0 || !(counter in counts)) {
          reading.broken.push(`SO6: ${counter} was counted up by ${amount}`);
        }
        counts[counter] += amount;
      },
    },
  });
  request.onOpen?.();
  const held = new HeldSpans(reading);
  const ages = new Ages(reading);
  const runner = new PlanRunner(plan, { lane, lanes, views: 'reused' });
  try {
    await readSpans(end, request, reading, async (span) => {
      ages.look(span);
      const walkedToWord = takeSpan(span, runner, request, reading);
      if (request.holdsSpans === true) await held.look(span);
      return walkedToWord;
    });
    if (end.next() !== SOURCE_END) reading.broken.push('SO7: next() gives something after the end');
  } finally {
    await end.close();
    await closeAgain(end, reading);
  }
  return reading;
}

async function closeAgain(end: LaneSource, { broken }: LaneReading): Promise<void> {
  try {
    await end.close();
  } catch (error) {
    broken.push(`SO13: a lane that is closed a second time: ${String(error)}`);
  }
}

async function readSpans(
  end: LaneSource,
  { idleEndMs, isEndDue }: LaneRequest,
  reading: LaneReading,
  take: (span: SlotSpan) => Promise<number>,
): Promise<void> {
  let walkedToWord = 0;
  let lastMs = performance.now();
  const turn = new EventLoopYield();
  for (;;) {
    if (turn.isDue) await turn.yield();
    const span = end.next(walkedToWord);
    if (span === SOURCE_END) return;
    if (span !== SOURCE_IDLE) walkedToWord = await take(span);
    const mayGoOn = isEndDue === undefined ? span !== SOURCE_IDLE : !isEndDue();
    if (mayGoOn) lastMs = performance.now();
    if (performance.now() - lastMs > idleEndMs) {
      const what = isEndDue === undefined ? 'neither events nor an end' : 'no end';
      reading.broken.push(`SO7: ${what} within ${idleEndMs} ms`);
      return;
    }
    if (span === SOURCE_IDLE) await end.wait(10);
  }
}

function takeSpan(
  span: SlotSpan,
  runner: PlanRunner,
  { lane, lanes, onEvents }: LaneRequest,
  reading: LaneReading,
): number {
  const { broken, counts } = reading;
  const fault = spanFault(span);
  if (fault !== undefined) {
    broken.push(`SO2: ${fault}`);
    return span.endWord;
  }
  const { u8, u32 } = span.memory;
  const walk = walkSlots(span, (word, bytes) => {
    const isMarker = isMarkerWord(u32[word + KIND_WORD] ?? 0);
    if (isMarker && !span.mayHoldMarkers) broken.push('SO3: a marker in a span that may hold none');
    const isForeign = !isMarker && laneOf(u32[word + LANE_KEY_WORD] ?? 0, lanes) !== lane;
    if (isForeign && !span.mayHoldOtherLanes) {
      broken.push(
        `SO3: lane ${lane} of ${lanes} was given another lane's slot in a span that may hold none`,
      );
    }
    if (((u32[word + KIND_WORD] ?? 0) & 0xff) === Kind.LOSS_MARKER) {
      reading.losses.push(digest(u8, word, bytes));
    }
  });
  const batch = runner.run(span);
  counts.read += runner.counts.events;
  onEvents?.(runner.counts.events);
  counts.otherLanes += runner.counts.otherLanes;
  counts.markers += runner.counts.markerCount;
  if (!span.mayHoldOtherLanes || lane === 0) counts.bad += runner.counts.damaged;
  for (let index = 0; index < batch.size; index++) {
    const word = batch.raw.words[index] ?? 0;
    const event = batch.at(index);
    const name = `${span.origin.id} ${event.netnsCookie} ${event.cookie}`;
    const digests = reading.connections.get(name) ?? [];
    digests.push(digest(u8, word, slotBytes(u32[word] ?? 0)));
    reading.connections.set(name, digests);
  }
  runner.release();
  return walk.endWord;
}

function spanFault({
  memory,
  startWord,
  endWord,
  origin,
  endTimeUs,
}: SlotSpan): string | undefined {
  if (startWord > endWord) return `a span from word ${startWord} to ${endWord}`;
  if (endWord > memory.u32.length) return `a span ends at word ${endWord} of ${memory.u32.length}`;
  if (startWord % STEP_WORDS !== 0)
    return `a span starts at word ${startWord}, inside a cache line`;
  if (origin.id === '') return 'a span has an origin without an id';
  return Number.isFinite(endTimeUs) ? undefined : `a span ends at time ${endTimeUs}`;
}

function isMarkerWord(kindWord: number): boolean {
  const kind = kindWord & 0xff;
  return kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR;
}

function slotBytes(lengthWord: number): number {
  return (lengthWord & 0x3fffffff) + 8;
}

/** Of what follows the ring header. */
export function digest(u8: Uint8Array, word: number, bytes: number): string {
  // crypto refuses shared memory: a copy.
  return createHash('sha1')
    .update(u8.slice(word * 4 + 8, word * 4 + bytes))
    .digest('base64');
}
