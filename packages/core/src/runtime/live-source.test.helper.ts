/* A live source that tests of the runtime are fed from: it makes events on the main thread, as fast as a timer goes, through rings that are too small, and counts each one's fate. */
import { setTimeout as sleep } from 'node:timers/promises';

import { SOURCE_COUNTERS } from '../contracts/ledger.ts';
import type { SourceCounter, SourceCounts, SourceLedger } from '../contracts/ledger.ts';
import { ringSource, type RingFeed } from '../contracts/ring-source.ts';
import type { OpenSource, Source } from '../contracts/source.ts';
import { laneKey, laneOf } from '../schema/lane-key.ts';
import { Op } from '../schema/op.ts';
import type { RingMemory } from '../slot/ring/ring-memory.ts';
import { RingProducer } from '../slot/ring/ring-producer.ts';
import { writeContextEvent } from '../slot/write-context-event.ts';
import { writeLossMarker } from '../slot/write-marker.ts';

export interface LiveSourceOptions {
  /** Counts each event but what is said here: the books are wrong then. `lost as submitted` keeps K1 right. */
  readonly forgets?: SourceCounter | 'madeByKind' | 'lost as submitted' | 'settling';
  /** Ends by itself after so many events. */
  readonly endsAfter?: number;
  /** Produces nothing before it is started. */
  readonly waitsForStart?: boolean;
  readonly startError?: string;
  /** Stops only so long after it was asked. */
  readonly stopMs?: number;
  readonly stopError?: string;
  readonly closeError?: string;
  /** From so many events on its part of the ledger cannot be had. */
  readonly ledgerFailsAfter?: number;
  /** Of this counter one less is told than the time before. */
  readonly decreases?: SourceCounter;
  readonly warnings?: readonly string[];
}

export const LIVE_CONNECTIONS = 16;
const EVENTS_PER_TICK = 64;
const CAPACITY_BYTES = 4096;
const CLASSES = ['first', 'last'] as const;
const LAST_ROOM_MS = 200;
const MARKER_CLASS = 1;
const SLOT_BYTES = 256;
/** What becomes of the events of one round, by their number; all others are given to the ring. */
const FATES: readonly (SourceCounter | undefined)[] = [
  'notAskedFor',
  undefined,
  'filtered',
  undefined,
  'folded',
  undefined,
  'shed',
];

/** What happened at the source in this thread: tests in the lanes' main thread look. */
export const LIVE_LOG: string[] = [];
/** When each of it happened last, ms. */
export const LIVE_TIMES: Map<string, number> = new Map();

function note(what: string): void {
  LIVE_LOG.push(what);
  LIVE_TIMES.set(what, performance.now());
}

export function liveSource(options: LiveSourceOptions = {}): Source {
  const feeds: LiveFeed[] = [];
  const source = ringSource({
    name: 'live-source',
    capacityBytes: CAPACITY_BYTES,
    start: (rings) => {
      const feed = new LiveFeed(rings, options);
      feeds.push(feed);
      return feed;
    },
  });
  return {
    ...source,
    async open(context) {
      note('open');
      const opened = await source.open(context);
      return changed(opened, options, feeds.at(-1));
    },
  };
}

function changed(
  opened: OpenSource,
  options: LiveSourceOptions,
  feed: LiveFeed | undefined,
): OpenSource {
  const start = async (): Promise<void> => {
    note('start');
    if (options.startError !== undefined) throw new Error(options.startError);
    feed?.begin();
  };
  return {
    ...opened,
    ...(options.waitsForStart === true ? { start } : {}),
    warnings: options.warnings ?? [],
    async stop() {
      note('stop');
      if (options.stopMs !== undefined) await sleep(options.stopMs, undefined, { ref: false });
      if (options.stopError !== undefined) throw new Error(options.stopError);
      await opened.stop?.();
    },
    async close() {
      note('close');
      await opened.close();
      if (options.closeError !== undefined) throw new Error(options.closeError);
    },
  };
}

interface Gap {
  ringFull: number;
  shed: number;
}

class LiveFeed implements RingFeed {
  readonly origin = { id: 'live-boot', hz: 250 };
  readonly done: Promise<void>;
  readonly #options: LiveSourceOptions;
  readonly #rings: readonly RingProducer[];
  readonly #counts: Record<SourceCounter, number>[][];
  readonly #gaps: readonly Gap[];
  #timer: NodeJS.Timeout | undefined;
  #finish: () => void;
  #events: number;
  #markers: number;
  #isEnding: boolean;
  #isSettled: boolean;
  #told: number;

  constructor(rings: readonly RingMemory[], options: LiveSourceOptions) {
    this.#options = options;
    this.#rings = rings.map((memory) => new RingProducer(memory));
    this.#counts = rings.map(() => CLASSES.map(() => zeroCounts()));
    this.#gaps = rings.map(() => ({ ringFull: 0, shed: 0 }));
    this.#events = 0;
    this.#markers = 0;
    this.#isEnding = false;
    this.#isSettled = false;
    this.#told = 0;
    this.#finish = () => {};
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#timer = undefined;
    if (options.waitsForStart !== true) this.begin();
  }

  begin(): void {
    this.#timer = setInterval(() => this.#tick(), 1);
  }

  async stop(): Promise<void> {
    if (this.#isEnding) return this.done;
    this.#isEnding = true;
    clearInterval(this.#timer);
    for (const [lane, ring] of this.#rings.entries()) {
      // The last gap is told, too, if the lane makes room for its marker: one that is gone never does.
      const untilMs = performance.now() + LAST_ROOM_MS;
      while (!this.#mark(lane) && performance.now() < untilMs) await ring.waitForRoom(1);
      ring.end();
    }
    this.#isSettled = this.#options.forgets !== 'settling';
    this.#finish();
    return this.done;
  }

  ledger(): SourceLedger {
    const { ledgerFailsAfter, decreases, forgets } = this.#options;
    if (ledgerFailsAfter !== undefined && this.#events > ledgerFailsAfter) {
      throw new Error('the counters are gone');
    }
    this.#told++;
    const counts = this.#counts.flatMap((classes, lane) =>
      classes.map((own, index): SourceCounts => {
        const told = decreases === undefined ? own : { ...own, [decreases]: 1e6 - this.#told };
        return { lane, class: CLASSES[index] ?? '', ...told };
      }),
    );
    return {
      counts,
      madeByKind: { LOSS_MARKER: forgets === 'madeByKind' ? 0 : this.#markers },
      notes: { events: this.#events },
      isSettled: this.#isSettled,
    };
  }

  #tick(): void {
    for (let count = 0; count < EVENTS_PER_TICK; count++) {
      if (this.#events === this.#options.endsAfter) {
        void this.stop();
        return;
      }
      this.#happen(this.#events++);
    }
    for (const ring of this.#rings) ring.publish();
  }

  #happen(event: number): void {
    const cookie = (event % LIVE_CONNECTIONS) + 1;
    const round = Math.floor(event / LIVE_CONNECTIONS);
    const lane = laneOf(laneKey(cookie, 0), this.#rings.length);
    const classIndex = round % CLASSES.length;
    this.#count(lane, classIndex, 'seen');
    const fate = FATES[(round + cookie) % 16];
    if (fate !== undefined) {
      if (fate === 'shed') this.#gapOf(lane).shed++;
      this.#count(lane, classIndex, fate);
    } else if (this.#mark(lane) && this.#put(lane, cookie, round, classIndex)) {
      this.#count(lane, classIndex, 'submitted');
    } else {
      this.#gapOf(lane).ringFull++;
      const isHidden = this.#options.forgets === 'lost as submitted';
      this.#count(lane, classIndex, isHidden ? 'submitted' : 'lost');
    }
  }

  #put(lane: number, cookie: number, round: number, classIndex: number): boolean {
    const ring = this.#ringOf(lane);
    return this.#write(ring, (word) =>
      writeContextEvent(ring.memory, word, {
        op: classIndex === 0 ? Op.RTT_CB : Op.STATE_CB,
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
      }),
    );
  }

  /** Tells of the gap, where there is one. */
  #mark(lane: number): boolean {
    const gap = this.#gapOf(lane);
    if (gap.ringFull + gap.shed === 0) return true;
    const ring = this.#ringOf(lane);
    const isWritten = this.#write(ring, (word) =>
      writeLossMarker(ring.memory, word, {
        tsNs: 1n,
        gapStartNs: 0n,
        lostRingFull: gap.ringFull,
        lostShedFirst: gap.shed,
        lostShedLast: 0,
        lostDamaged: 0,
        lane,
      }),
    );
    if (!isWritten) return false;
    this.#markers++;
    this.#count(lane, MARKER_CLASS, 'made');
    this.#count(lane, MARKER_CLASS, 'submitted');
    gap.ringFull = 0;
    gap.shed = 0;
    return true;
  }

  #write(ring: RingProducer, write: (word: number) => void): boolean {
    const word = ring.tryClaim(SLOT_BYTES);
    if (word < 0) return false;
    const lengthWord = ring.memory.u32[word] ?? 0;
    write(word);
    ring.memory.u32[word] = lengthWord;
    ring.submit(word);
    return true;
  }

  #count(lane: number, classIndex: number, counter: SourceCounter): void {
    const counts = this.#counts[lane]?.[classIndex];
    if (counts !== undefined && counter !== this.#options.forgets) counts[counter]++;
  }

  #ringOf(lane: number): RingProducer {
    const ring = this.#rings[lane];
    if (ring === undefined) throw new RangeError(`there is no lane ${lane}`);
    return ring;
  }

  #gapOf(lane: number): Gap {
    return this.#gaps[lane] ?? { ringFull: 0, shed: 0 };
  }
}

function zeroCounts(): Record<SourceCounter, number> {
  return Object.fromEntries(SOURCE_COUNTERS.map((counter) => [counter, 0])) as Record<
    SourceCounter,
    number
  >;
}
