/* Sinks and sources of which one step never settles. */
import { isBatch } from '../batch/is-batch.ts';
import type { Sink, SinkReport, SinkWriter } from '../contracts/sink.ts';
import type { LaneSource, OpenSource, Source } from '../contracts/source.ts';

export type StuckStep = 'prepare' | 'open' | 'write' | 'flush' | 'close' | 'collect' | 'busy';

/** Settles when? */
export const NEVER: Promise<never> = new Promise(() => {});

export interface StuckSinkOptions {
  readonly at: StuckStep | 'nowhere';
  /** Inputs that it acknowledges before; default 2. */
  readonly accepts?: number;
  /** Each input that it acknowledges takes so long. */
  readonly inputMs?: number;
}

/** Acknowledges its first inputs. `busy`: its close keeps the thread for itself. */
export function stuckSink(options: StuckSinkOptions): Sink {
  const { at } = options;
  const is = (step: StuckStep): boolean => at === step;
  return {
    name: `stuck in ${at}`,
    accepts: 'both',
    ...(is('prepare') ? { prepare: () => NEVER } : {}),
    ...(is('collect') ? { collect: () => NEVER } : {}),
    open: () => (is('open') ? NEVER : new StuckWriter(options)),
  };
}

class StuckWriter implements SinkWriter {
  readonly #options: StuckSinkOptions;
  #acknowledged = 0;
  #given = 0;
  #inputs = 0;
  #isClosed = false;

  constructor(options: StuckSinkOptions) {
    this.#options = options;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get failed(): number {
    return this.#isClosed ? this.#given - this.#acknowledged : 0;
  }

  async write(input: unknown): Promise<void> {
    const size = isBatch(input) ? input.size : 1;
    this.#given += size;
    const { at, accepts = 2, inputMs } = this.#options;
    if (at === 'nowhere' || this.#inputs++ < accepts) {
      if (inputMs !== undefined) await new Promise((resolve) => setTimeout(resolve, inputMs));
      this.#acknowledged += size;
    } else if (at === 'write') {
      await NEVER;
    }
  }

  flush(): Promise<void> | void {
    if (this.#options.at === 'flush') return NEVER;
    if (this.#options.at === 'nowhere') this.#acknowledged = this.#given;
  }

  close(): Promise<SinkReport> | SinkReport {
    const { at } = this.#options;
    // Nobody else has a turn in this thread.
    if (at === 'busy') for (;;) Math.sqrt(this.#given);
    if (at === 'close' || at === 'flush') return NEVER;
    this.#isClosed = true;
    return {};
  }
}

export type StuckSourceStep = 'open' | 'start' | 'stop' | 'close' | 'openLane' | 'closeLane';

/** A source of which one step never settles. */
export function stuckSource(source: Source, at: StuckSourceStep): Source {
  const own = (step: StuckSourceStep): boolean => at === step;
  return {
    ...source,
    open: async (context): Promise<OpenSource> => {
      if (own('open')) return NEVER;
      const opened = await source.open(context);
      return {
        ...opened,
        ...(own('start') ? { start: () => NEVER } : {}),
        ...(own('stop') ? { stop: () => NEVER } : {}),
        ...(own('close') ? { close: () => NEVER } : {}),
      };
    },
    openLane: async (context): Promise<LaneSource> => {
      if (own('openLane')) return NEVER;
      const lane = await source.openLane(context);
      return {
        next: (word) => lane.next(word),
        wait: (timeoutMs) => lane.wait(timeoutMs),
        close: () => (own('closeLane') ? NEVER : lane.close()),
      };
    },
  };
}
