/* A sink that tests of the runtime look into: it sends what it is given to the main thread by `emit`, since each lane has its own copy. */
import type { Batch } from '../batch/batch.ts';
import { isBatch } from '../batch/is-batch.ts';
import type { Sink, SinkInput, SinkOutcome, SinkWriter } from '../contracts/sink.ts';
import { emit } from '../pipeline/emit.ts';

export interface ProbeSinkOptions {
  readonly name?: string;
  readonly accepts?: SinkInput;
  readonly target?: string;
  /** Each write settles after so long. */
  readonly delayMs?: number;
  /** Rejects the write of this number, from 0. */
  readonly rejectsAt?: number;
  readonly failsToOpen?: boolean;
  readonly failsToFlush?: boolean;
  /** Acknowledges so much more than it was given. */
  readonly lie?: number;
  /** Loses so many events or values, and counts them, without an error. */
  readonly loses?: number;
  readonly isMute?: boolean;
}

export type Probe =
  | { readonly did: 'open' | 'flush'; readonly sink: string; readonly lane: number }
  | {
      readonly did: 'close';
      readonly sink: string;
      readonly lane: number;
      readonly isComplete: boolean;
    }
  | {
      readonly did: 'write';
      readonly sink: string;
      readonly lane: number;
      readonly events: readonly (readonly [cookie: number, round: number])[];
    }
  | {
      readonly did: 'value';
      readonly sink: string;
      readonly lane: number;
      readonly value: unknown;
    };

/** Names of sinks that were prepared, in this thread. */
export const PREPARED: string[] = [];

export function probeSink(options: ProbeSinkOptions = {}): Sink {
  const { name = 'probe', accepts = 'both', target } = options;
  return {
    name,
    accepts,
    ...(target === undefined ? {} : { target }),
    prepare: ({ lanes }) => {
      PREPARED.push(`${name} for ${lanes}`);
    },
    open: ({ lane }) => {
      if (options.failsToOpen === true) throw new Error('no room on the disk');
      return new ProbeWriter(name, lane, options);
    },
  };
}

class ProbeWriter implements SinkWriter {
  readonly #sink: string;
  readonly #lane: number;
  readonly #options: ProbeSinkOptions;
  #writes: number;
  #given: number;

  constructor(sink: string, lane: number, options: ProbeSinkOptions) {
    this.#sink = sink;
    this.#lane = lane;
    this.#options = options;
    this.#writes = 0;
    this.#given = 0;
    this.#tell('open');
  }

  get acknowledged(): number {
    // Never below what it said before: that would be another lie (L0c).
    return Math.max(0, this.#given + (this.#options.lie ?? 0) - this.failed);
  }

  get failed(): number {
    return Math.min(this.#given, this.#options.loses ?? 0);
  }

  write(input: unknown): Promise<void> | void {
    const { rejectsAt, delayMs, isMute = false } = this.#options;
    const isRejected = this.#writes++ === rejectsAt;
    const batch = isBatch(input) ? input : undefined;
    this.#given += batch?.size ?? 1;
    if (!isMute) this.#show(input, batch);
    if (isRejected) return Promise.reject(new Error('the peer hung up'));
    if (delayMs === undefined) return undefined;
    return new Promise((resolve) => {
      setTimeout(resolve, delayMs);
    });
  }

  flush(): void {
    this.#tell('flush');
    if (this.#options.failsToFlush === true) throw new Error('the last page is missing');
  }

  close({ isComplete }: SinkOutcome): { location: string } {
    emit({ did: 'close', sink: this.#sink, lane: this.#lane, isComplete } satisfies Probe);
    return { location: `nowhere.${this.#lane}` };
  }

  #show(input: unknown, batch: Batch | undefined): void {
    const probe = { sink: this.#sink, lane: this.#lane };
    if (batch === undefined) {
      emit({ did: 'value', ...probe, value: input } satisfies Probe);
      return;
    }
    const events: [number, number][] = [];
    batch.forEach((event) => {
      events.push([Number(event.cookie), event.sndCwnd ?? -1]);
    });
    emit({ did: 'write', ...probe, events } satisfies Probe);
  }

  #tell(did: 'open' | 'flush'): void {
    emit({ did, sink: this.#sink, lane: this.#lane } satisfies Probe);
  }
}
