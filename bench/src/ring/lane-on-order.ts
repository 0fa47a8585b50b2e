import {
  filterFlags,
  filterOp,
  fromSource,
  type LaneSource,
  type Source,
  SOURCE_END,
  SOURCE_IDLE,
} from '@sockflow/core';

import { ANY_CB, OPS } from '../harness/bench-filter.ts';
import { drain } from '../harness/drain.ts';

/** What a lane found between its order and its end. */
export interface LanePass {
  readonly ns: number;
  readonly events: number;
  readonly survivors: number;
}

interface Order {
  readonly isOver: () => boolean;
  readonly resolve: (pass: LanePass) => void;
  readonly startNs: bigint;
  readonly eventsBefore: number;
  readonly survivorsBefore: number;
  emptyNs: bigint;
}

/**
 * A lane in this thread, with the filter of all benchmarks, that reads only while it is told to: so a ring can be filled before the clock starts, and the lane's code is compiled once, as that
 * of a lane that runs for days.
 */
export class LaneOnOrder {
  /** Resolves once the source is open and the lane waits for its first order. */
  readonly isReady: Promise<void>;
  readonly #ended: Promise<void>;
  #events = 0;
  #survivors = 0;
  #order: Order | undefined;
  #isClosed = false;
  #ordered: () => void = () => {};
  #becomeReady: () => void = () => {};

  constructor(source: Source) {
    const batches = fromSource(this.#heldBack(source), {
      views: 'reused',
      counters: {
        add: (counter, amount) => {
          if (counter === 'read') this.#events += amount;
        },
      },
    }).pipe(filterOp(...OPS), filterFlags({ cb: { any: ANY_CB } }));
    this.#ended = drain(batches, (batch) => {
      this.#survivors += batch.size;
    });
    const ready = new Promise<void>((resolve) => {
      this.#becomeReady = resolve;
    });
    this.isReady = Promise.race([ready, this.#ended]);
  }

  /** Reads until the ring is empty and `isOver`. The time ends when the last slot was read, not when that was noticed. */
  read(isOver: () => boolean): Promise<LanePass> {
    const pass = new Promise<LanePass>((resolve) => {
      const startNs = process.hrtime.bigint();
      this.#order = {
        isOver,
        resolve,
        startNs,
        eventsBefore: this.#events,
        survivorsBefore: this.#survivors,
        emptyNs: startNs,
      };
      this.#ordered();
    });
    return Promise.race([pass, this.#failed()]);
  }

  /** Resolves when the source is closed, too. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#ordered();
    return this.#ended;
  }

  async #failed(): Promise<never> {
    await this.#ended;
    throw new Error('the lane ended while it was to read');
  }

  #heldBack(source: Source): Source {
    return {
      name: source.name,
      reportedOps: source.reportedOps,
      describePushDown: (filter) => source.describePushDown(filter),
      open: (context) => source.open(context),
      openLane: async (context) => {
        const lane = await source.openLane(context);
        return {
          next: (walkedToWord) => this.#next(lane, walkedToWord),
          wait: (timeoutMs) => this.#wait(lane, timeoutMs),
          close: () => lane.close(),
        };
      },
    };
  }

  #next(lane: LaneSource, walkedToWord: number | undefined): ReturnType<LaneSource['next']> {
    const order = this.#order;
    if (this.#isClosed) return SOURCE_END;
    if (order === undefined) return SOURCE_IDLE;
    const isOver = order.isOver();
    const span = lane.next(walkedToWord);
    if (span !== SOURCE_IDLE) {
      order.emptyNs = 0n;
      return span;
    }
    if (order.emptyNs === 0n) order.emptyNs = process.hrtime.bigint();
    if (isOver) this.#end(order);
    return SOURCE_IDLE;
  }

  #end(order: Order): void {
    this.#order = undefined;
    order.resolve({
      ns: Number(order.emptyNs - order.startNs),
      events: this.#events - order.eventsBefore,
      survivors: this.#survivors - order.survivorsBefore,
    });
  }

  #wait(lane: LaneSource, timeoutMs: number): Promise<void> {
    if (this.#order !== undefined) return lane.wait(timeoutMs);
    return new Promise((resolve) => {
      this.#ordered = resolve;
      this.#becomeReady();
    });
  }
}
