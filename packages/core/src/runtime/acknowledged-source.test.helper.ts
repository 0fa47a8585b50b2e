/* A source that wants to know how many of its spans are done with, and a sink that acknowledges on its own time: both note in the lane's thread what is durable, and the source looks there. */
import { isBatch } from '../batch/is-batch.ts';
import type { Sink, SinkReport, SinkWriter } from '../contracts/sink.ts';
import { SOURCE_END, SOURCE_IDLE, type LaneSource, type Source } from '../contracts/source.ts';
import { emit } from '../pipeline/emit.ts';
import type { SlotSpan } from '../slot/slot-span.ts';
import { memorySource, type MemorySourceOptions } from './memory-source.test.helper.ts';

export type AcknowledgeProbe =
  | {
      readonly did: 'acknowledge';
      readonly spans: number;
      /** Events of these spans that are not durable, and of those behind them that are not either. */
      readonly missing: number;
      readonly behind: number;
      readonly atMs: number;
    }
  | { readonly did: 'close source' | 'close sink' | 'end of source'; readonly atMs: number };

function tell(did: 'close source' | 'close sink' | 'end of source'): void {
  emit({ did, atMs: performance.now() } satisfies AcknowledgeProbe);
}

/** Of the lane in this thread: by span, how many events it holds; and how many are durable, in order. */
const given: number[] = [];
let durable = 0;

export interface AcknowledgedSourceOptions extends MemorySourceOptions {
  /** Has nothing more after its spans, until it is stopped. */
  readonly staysOpen?: boolean;
  readonly acknowledgeError?: string;
}

/** The memory source, told of what is done with. Its events are all selected. */
export function acknowledgedSource(options: AcknowledgedSourceOptions = {}): Source {
  const source = memorySource(options);
  return {
    ...source,
    openLane: async (context) => {
      const lane = await source.openLane(context);
      given.length = 0;
      durable = 0;
      return acknowledgedLane(lane, options);
    },
  };
}

function acknowledgedLane(
  lane: LaneSource,
  { staysOpen = false, acknowledgeError }: AcknowledgedSourceOptions,
): LaneSource {
  let hasEnded = false;
  return {
    next: () => {
      const span = hasEnded ? SOURCE_END : lane.next();
      if (span === SOURCE_END) {
        if (!hasEnded) tell('end of source');
        hasEnded = true;
        return staysOpen ? SOURCE_IDLE : SOURCE_END;
      }
      if (span !== SOURCE_IDLE) given.push(eventsOf(span));
      return span;
    },
    wait: (timeoutMs) => lane.wait(timeoutMs),
    acknowledge: (spans) => {
      const events = sum(given.slice(0, spans));
      const behind = sum(given) - events;
      const missing = Math.max(0, events - durable);
      emit({
        did: 'acknowledge',
        spans,
        missing,
        behind,
        atMs: performance.now(),
      } satisfies AcknowledgeProbe);
      if (acknowledgeError !== undefined) throw new Error(acknowledgeError);
    },
    close: async () => {
      tell('close source');
      await lane.close();
    },
  };
}

function eventsOf({ startWord, endWord }: SlotSpan): number {
  return ((endWord - startWord) * 4) / 256;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

export interface DurableSinkOptions {
  /** What it is given is durable so long after; where not given, only after `flush`. */
  readonly durableAfterMs?: number;
  /** The write of this number, from 0, is rejected. */
  readonly rejectsAt?: number;
}

/** Everything it has acknowledged is durable, nothing else is. */
export function durableSink(options: DurableSinkOptions = {}): Sink {
  return { name: 'durable', accepts: 'both', open: () => new DurableWriter(options) };
}

class DurableWriter implements SinkWriter {
  readonly #options: DurableSinkOptions;
  #given = 0;
  #writes = 0;
  #acknowledged = 0;
  #hasFailed = false;

  constructor(options: DurableSinkOptions) {
    this.#options = options;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get failed(): number {
    return this.#hasFailed ? this.#given - this.#acknowledged : 0;
  }

  write(input: unknown): Promise<void> | void {
    this.#given += isBatch(input) ? input.size : 1;
    const { rejectsAt, durableAfterMs } = this.#options;
    if (this.#writes++ === rejectsAt) {
      this.#hasFailed = true;
      return Promise.reject(new Error('the peer hung up'));
    }
    if (durableAfterMs === undefined) return;
    const upTo = this.#given;
    setTimeout(() => this.#accept(upTo), durableAfterMs);
  }

  flush(): void {
    if (!this.#hasFailed) this.#accept(this.#given);
  }

  close(): SinkReport {
    tell('close sink');
    this.flush();
    return {};
  }

  #accept(upTo: number): void {
    if (this.#hasFailed) return;
    this.#acknowledged = Math.max(this.#acknowledged, upTo);
    durable = this.#acknowledged;
  }
}
