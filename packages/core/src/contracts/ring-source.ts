import { ConfigError } from '../errors.ts';
import type { Origin } from '../schema/origin.ts';
import { endRing } from '../slot/ring/end-ring.ts';
import { RingConsumer } from '../slot/ring/ring-consumer.ts';
import { createRingMemory, type RingMemory } from '../slot/ring/ring-memory.ts';
import { SlotMemory } from '../slot/slot-memory.ts';
import type { SlotSpan } from '../slot/slot-span.ts';
import type { LaneCounters, SourceLedger } from './ledger.ts';
import {
  SOURCE_END,
  SOURCE_IDLE,
  type LaneSource,
  type OpenSource,
  type Source,
  type SourceContext,
  type SourceLaneContext,
} from './source.ts';

/*
 * A source whose events are made in another thread: `ringSource` gives each lane a ring, the thread writes into them with an EventProducer.
 *
 *   main thread:  start(rings) starts the producing thread and hands it the rings
 *   its thread:   new EventProducer(rings) ... put ... end, by itself or when the feed is stopped
 *   lane:         RingLane reads its ring in place
 */

/** What {@link RingSourceOptions.start} gives back: the producing thread as the main thread sees it. */
export interface RingFeed {
  readonly origin: Origin;
  /** Settles when the producer is gone. A rejection fails the run, after the lanes have read what was published. */
  readonly done: Promise<unknown>;
  /**
   * Produce no more, and let `done` settle soon: the run is to end. The lanes read what was published until then. Once, and also where it has ended by itself.
   */
  stop(): Promise<unknown> | void;
  /** What it counts before the rings, where it keeps books: checked then, as the kernel's are. Settled once `done` has settled. */
  ledger?(): SourceLedger;
}

/** Settings of {@link ringSource}. */
export interface RingSourceOptions {
  /** For messages: `socket-log(/run/app.sock)`. */
  readonly name: string;
  /** The ops it can report; all there are where not given. */
  readonly reportedOps?: readonly number[];
  /** Bytes of each lane's ring, a power of two; 4 MiB where not given. */
  readonly capacityBytes?: number;
  /** Most slots of a batch. */
  readonly maxSlots?: number;
  /** Main thread, once: starts whatever produces and gives it the rings, one a lane in their order. They cross threads by structured clone. */
  start(rings: readonly RingMemory[]): Promise<RingFeed> | RingFeed;
}

const DEFAULT_CAPACITY_BYTES = 4 * 1024 * 1024;

interface RingLaneData {
  readonly memory: RingMemory;
  readonly origin: Origin;
  readonly maxSlots: number | undefined;
}

/** Makes a source of a producer in another thread. */
export function ringSource(options: RingSourceOptions): Source {
  return {
    name: options.name,
    reportedOps: options.reportedOps,
    isLive: true,
    describePushDown: () => undefined,
    open: (context) => openRings(options, context),
    openLane: (context) => Promise.resolve(new RingLane(options.name, context)),
  };
}

async function openRings(options: RingSourceOptions, context: SourceContext): Promise<OpenSource> {
  const { capacityBytes = DEFAULT_CAPACITY_BYTES, maxSlots } = options;
  const rings = Array.from({ length: context.lanes }, () => createRingMemory({ capacityBytes }));
  const feed = await options.start(rings);
  // However the producer went, the lanes come to an end.
  const ended = feed.done.finally(() => {
    for (const memory of rings) endRing(memory);
  });
  ended.catch(() => {});
  let stopping: Promise<unknown> | undefined;
  const stop = (): Promise<unknown> => (stopping ??= Promise.resolve(feed.stop()));
  return {
    laneData: (lane) => ({ memory: rings[lane], origin: feed.origin, maxSlots }),
    totalBytes: undefined,
    async stop() {
      await stop();
      // How it ended is told at close, when the lanes have read what there is.
      await ended.catch(() => {});
    },
    ...(feed.ledger === undefined ? {} : { ledger: feed.ledger.bind(feed) }),
    async close() {
      await stop();
      await ended;
    },
  };
}

class RingLane implements LaneSource {
  readonly #consumer: RingConsumer;
  readonly #counters: LaneCounters;
  readonly #timeSpan: { -readonly [K in keyof SlotSpan]: SlotSpan[K] };
  #counted: number;

  constructor(name: string, context: SourceLaneContext) {
    const { memory, origin, maxSlots } = context.laneData as Partial<RingLaneData>;
    if (memory === undefined || origin === undefined) {
      throw new ConfigError(
        'ERR_SOCKFLOW_INVALID_OPTION',
        `${name}: expected the ring of lane ${context.lane}, found none`,
        { remedy: 'Pass on what laneData gave, unchanged.' },
      );
    }
    const limits = maxSlots === undefined ? {} : { maxSlots };
    this.#consumer = new RingConsumer(memory, { origin, ...limits });
    this.#counters = context.counters;
    this.#timeSpan = {
      memory: new SlotMemory(memory.data),
      startWord: 0,
      endWord: 0,
      origin,
      mayBeBusy: false,
      mayHoldOtherLanes: false,
      mayHoldMarkers: false,
      endTimeUs: 0,
    };
    this.#counted = 0;
  }

  next(): SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END {
    const consumer = this.#consumer;
    const timeSpan = this.#timeSpan;
    consumer.release();
    const span = consumer.peek();
    if (span !== undefined) {
      this.#counters.add('bytesRead', (span.endWord - span.startWord) * 4);
      this.#count(consumer.events);
      timeSpan.endTimeUs = span.endTimeUs;
      return span;
    }
    if (consumer.endTimeUs > timeSpan.endTimeUs) {
      timeSpan.endTimeUs = consumer.endTimeUs;
      return timeSpan;
    }
    if (!consumer.isEnded) return SOURCE_IDLE;
    // What the producer published and this lane never saw lay in damage (S5).
    const bad = (consumer.publishedEvents ?? 0) - consumer.events;
    if (bad > 0) this.#counters.add('bad', bad);
    this.#count(consumer.events + Math.max(0, bad));
    return SOURCE_END;
  }

  wait(timeoutMs: number): Promise<void> {
    return this.#consumer.wait(timeoutMs);
  }

  close(): Promise<void> {
    this.#consumer.close();
    return Promise.resolve();
  }

  /** The source holds `events` up to here. */
  #count(events: number): void {
    if (events > this.#counted) this.#counters.add('recorded', events - this.#counted);
    this.#counted = Math.max(this.#counted, events);
  }
}
