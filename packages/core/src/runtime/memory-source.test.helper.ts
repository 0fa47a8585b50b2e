/* A source that tests of the runtime are fed from: events made in the lane's own memory, known in number, order and lane. */
import { setTimeout as sleep } from 'node:timers/promises';

import {
  SOURCE_END,
  SOURCE_IDLE,
  type LaneSource,
  type OpenSource,
  type Source,
  type SourceLaneContext,
} from '../contracts/source.ts';
import { laneKey, laneOf } from '../schema/lane-key.ts';
import { Op } from '../schema/op.ts';
import type { Origin } from '../schema/origin.ts';
import { SLOT_WORDS } from '../slot/layout.ts';
import { SlotMemory } from '../slot/slot-memory.ts';
import type { SlotSpan } from '../slot/slot-span.ts';
import { writeContextEvent } from '../slot/write-context-event.ts';
import { writeClockAnchor, writeLossMarker } from '../slot/write-marker.ts';

const ORIGIN: Origin = { id: 'boot-test', hz: 250 };
const LATE_MS = 100;
const OPS = [Op.RTT_CB, Op.STATE_CB, Op.RETRANS_CB] as const;

export interface MemorySourceOptions {
  readonly connections?: number;
  readonly rounds?: number;
  readonly slotsPerSpan?: number;
  /** Whether each lane is given every lane's slots. */
  readonly isShared?: boolean;
  readonly reportedOps?: readonly number[];
  /** Repeats its events until it is stopped; it does not know how many there are. */
  readonly isEndless?: boolean;
  /** Says idle before every span. */
  readonly idles?: boolean;
  /** How long a wait lasts; default 1. */
  readonly waitMs?: number;
  readonly failsAtSpan?: number;
  /** Says that it leaves out ops; it leaves out none. */
  readonly pushesOps?: boolean;
  /** Added to what it says it holds. */
  readonly lie?: number;
  readonly onNext?: (asked: number) => void;
  /** Its last slot is damaged, one event is skipped, and a loss marker and a clock anchor are among the slots. */
  readonly hasMarkers?: boolean;
  /** What it says it reads. */
  readonly inputs?: readonly string[];
  readonly closeError?: Error;
  readonly openError?: Error;
  /** This lane's end fails to open, a while after the others are open. */
  readonly failsToOpenInLane?: number;
}

/** Each round has one event of each connection; cookie 1 … connections, snd_cwnd the round. */
export function memorySource(options: MemorySourceOptions = {}): Source {
  return {
    name: 'memory-source',
    reportedOps: options.reportedOps,
    inputs: () => options.inputs ?? [],
    describePushDown: ({ type }) =>
      options.pushesOps === true && type === 'op' ? 'leaves out other ops' : undefined,
    open: (): Promise<OpenSource> => {
      if (options.openError !== undefined) return Promise.reject(options.openError);
      return Promise.resolve({
        laneData: (lane) => ({ lane }),
        totalBytes: options.isEndless === true ? undefined : eventsOf(options).length * 256,
        close: () =>
          options.closeError === undefined ? Promise.resolve() : Promise.reject(options.closeError),
      });
    },
    openLane: async (context) => {
      if (options.failsToOpenInLane === context.lane) {
        await sleep(LATE_MS);
        throw new Error('no such ring');
      }
      return new MemoryLane(options, context);
    },
  };
}

interface TestEvent {
  readonly cookie: number;
  readonly round: number;
  readonly op: number;
}

function eventsOf({ connections = 8, rounds = 10 }: MemorySourceOptions): TestEvent[] {
  const events: TestEvent[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let cookie = 1; cookie <= connections; cookie++) {
      events.push({ cookie, round, op: OPS[(cookie + round) % OPS.length] ?? Op.RTT_CB });
    }
  }
  return events;
}

class MemoryLane implements LaneSource {
  readonly #options: MemorySourceOptions;
  readonly #context: SourceLaneContext;
  readonly #memory: SlotMemory;
  readonly #slots: number;
  readonly #slotsPerSpan: number;
  #nextSlot: number;
  #asked: number;
  #hasIdled: boolean;
  #isWaiting: boolean;

  constructor(options: MemorySourceOptions, context: SourceLaneContext) {
    const { lane, lanes, counters } = context;
    const all = eventsOf(options);
    const own =
      options.isShared === true
        ? all
        : all.filter(({ cookie }) => laneOf(laneKey(cookie, 0), lanes) === lane);
    this.#options = options;
    this.#context = context;
    this.#memory = SlotMemory.allocate((own.length + 2) * 256);
    this.#slots = own.length;
    this.#slotsPerSpan = options.slotsPerSpan ?? 16;
    this.#nextSlot = 0;
    this.#asked = 0;
    this.#hasIdled = false;
    this.#isWaiting = false;
    const given = options.hasMarkers === true ? own.slice(1) : own;
    for (const [index, event] of given.entries()) writeEvent(this.#memory, index, event);
    if (options.hasMarkers === true) {
      counters.add('skipped', 1);
      this.#slots = addMarkers(this.#memory, given.length);
    }
    if (lane === 0 && options.isEndless !== true) {
      counters.add('recorded', all.length + (options.lie ?? 0));
    }
  }

  next(): SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END {
    const { isEndless = false, idles = false, failsAtSpan, isShared = false } = this.#options;
    const hasMore = isEndless || this.#nextSlot < this.#slots;
    if (idles && hasMore && !this.#hasIdled) {
      this.#hasIdled = true;
      return SOURCE_IDLE;
    }
    this.#hasIdled = false;
    this.#asked++;
    this.#options.onNext?.(this.#asked);
    if (this.#asked - 1 === failsAtSpan) throw new Error('the disk is gone');
    if (this.#nextSlot >= this.#slots) {
      if (!isEndless) return SOURCE_END;
      this.#nextSlot = 0;
    }
    const start = this.#nextSlot;
    const end = Math.min(this.#slots, start + this.#slotsPerSpan);
    this.#nextSlot = end;
    this.#context.counters.add('bytesRead', (end - start) * 256);
    return {
      memory: this.#memory,
      startWord: start * SLOT_WORDS,
      endWord: end * SLOT_WORDS,
      origin: ORIGIN,
      mayBeBusy: false,
      mayHoldOtherLanes: isShared,
      mayHoldMarkers: this.#options.hasMarkers === true,
      endTimeUs: this.#endTimeUs(end),
    };
  }

  /** No later event is older; one that repeats its events can promise nothing. */
  #endTimeUs(endSlot: number): number {
    if (this.#options.isEndless === true) return 0;
    const { hasMarkers = false } = this.#options;
    return hasMarkers ? 0 : Number(this.#memory.big[((endSlot - 1) * SLOT_WORDS) / 2 + 2]) / 1000;
  }

  async wait(): Promise<void> {
    if (this.#isWaiting) throw new Error('two waits at once');
    this.#isWaiting = true;
    await sleep(this.#options.waitMs ?? 1);
    this.#isWaiting = false;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Two markers behind the events, and the last event, damaged, behind them. */
function addMarkers(memory: SlotMemory, slots: number): number {
  const lastWord = (slots + 1) * SLOT_WORDS;
  memory.u32.copyWithin(lastWord, (slots - 1) * SLOT_WORDS, slots * SLOT_WORDS);
  memory.u32[lastWord] = 3;
  memory.u32.fill(0, (slots - 1) * SLOT_WORDS, lastWord);
  writeLossMarker(memory, (slots - 1) * SLOT_WORDS, {
    tsNs: 1n,
    gapStartNs: 0n,
    lostRingFull: 4,
    lostShedFirst: 0,
    lostShedLast: 0,
    lostDamaged: 0,
    lane: 0,
  });
  writeClockAnchor(memory, slots * SLOT_WORDS, {
    tsNs: 1n,
    realtimeNs: 2n,
    monotonicNs: 1n,
    uncertaintyNs: 0n,
  });
  return slots + 2;
}

function writeEvent(memory: SlotMemory, slot: number, { cookie, round, op }: TestEvent): void {
  writeContextEvent(memory, slot * SLOT_WORDS, {
    op,
    family: 2,
    cookie: BigInt(cookie),
    netns_cookie: 1n,
    ts_boot_ns: BigInt(round) * 1000n,
    local_port: 80,
    remote_port: 443 * 65536,
    is_fullsock: 1,
    state: 1,
    args: [1, 2, 3, 4],
    snd_cwnd: round,
    has_skb: 0,
  });
}
