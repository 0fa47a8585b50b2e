import {
  type Batch,
  isBatch,
  PressureGate,
  type Sink,
  type SinkReport,
  type SinkWriter,
  withGate,
} from '@sockflow/core';

import { detached } from './detached.ts';

/** What an RxJS Observable is to a sink. */
export interface Subscribable<T> {
  subscribe(observer: { next(value: T): void; error(error: unknown): void; complete(): void }): {
    unsubscribe(): void;
  };
}

/** What became of what a sink was given in-process, in events and values. */
export interface WriteToReport extends SinkReport {
  readonly given: number;
  readonly acknowledged: number;
  readonly failed: number;
}

/** Hands inputs to a writer one at a time: what comes while it waits is queued, and the source is held back by the gate. */
class Hand {
  readonly #writer: SinkWriter;
  readonly #gate: PressureGate;
  readonly #queue: unknown[];
  readonly #fail: (error: unknown) => void;
  #waiting: Promise<void> | undefined;
  given: number;

  constructor(writer: SinkWriter, gate: PressureGate, fail: (error: unknown) => void) {
    this.#writer = writer;
    this.#gate = gate;
    this.#queue = [];
    this.#fail = fail;
    this.#waiting = undefined;
    this.given = 0;
  }

  take(input: unknown): void {
    if (this.#waiting !== undefined) {
      // A source that is not ours comes here, and what else one batch of ours delivers: the next batch waits for the gate.
      this.#queue.push(isBatch(input) ? input.retain() : detached(input));
      return;
    }
    this.given += isBatch(input) ? input.size : 1;
    const written = this.#writer.write(input);
    if (written === undefined) return;
    this.#gate.close();
    this.#waiting = this.#drain(written);
  }

  /** Settles when nothing waits any more. */
  async settled(): Promise<void> {
    await this.#waiting;
  }

  async #drain(first: Promise<void>): Promise<void> {
    try {
      await first;
      while (this.#queue.length > 0) {
        const next = this.#queue.shift();
        this.given += isBatch(next) ? next.size : 1;
        await this.#writer.write(next);
      }
    } catch (error) {
      this.#queue.length = 0;
      this.#fail(error);
    }
    this.#waiting = undefined;
    this.#gate.open();
  }
}

/** Subscribes; settles when the source is done and everything it gave is written. */
function consume<T>(
  source: Subscribable<T>,
  writer: SinkWriter,
  gate: PressureGate,
): Promise<Hand> {
  return new Promise((resolve, reject) => {
    const held: { subscription?: { unsubscribe(): void } } = {};
    let isOver = false;
    const fail = (error: unknown): void => {
      isOver = true;
      held.subscription?.unsubscribe();
      reject(error);
    };
    const hand = new Hand(writer, gate, fail);
    const next = (value: T): void => {
      if (isOver) return;
      try {
        hand.take(value);
      } catch (error) {
        fail(error);
      }
    };
    const end = async (error?: { readonly cause: unknown }): Promise<void> => {
      await hand.settled();
      if (error === undefined) resolve(hand);
      else fail(error.cause);
    };
    held.subscription = withGate(gate, () =>
      source.subscribe({
        next,
        error: (cause) => void end({ cause }),
        complete: () => void end(),
      }),
    );
    if (isOver) held.subscription.unsubscribe();
  });
}

/**
 * Writes an Observable of batches or values into a sink, in this thread, without lanes: `await writeTo(fromReplay('in.sfrec').pipe(filterOp(Op.RTT_CB)), file('out.ndjson'))`.
 *
 * A source of ours is held back while the sink lags. When the source or the sink fails, what was given before is flushed, the sink is closed as not complete (a file stays NAME.part), and the error thrown.
 */
export async function writeTo<T>(
  source: Subscribable<Batch | T>,
  sink: Sink<T>,
): Promise<WriteToReport> {
  await sink.prepare?.({ lanes: 1 });
  const writer = await sink.open({ lane: 0, lanes: 1 });
  const gate = new PressureGate();
  let hand: Hand;
  try {
    hand = await consume(source, writer as SinkWriter, gate);
    await writer.flush();
  } catch (error) {
    await closeAfter(writer);
    throw error;
  }
  const report = await writer.close({ isComplete: true });
  const { acknowledged, failed } = writer;
  return { ...report, given: hand.given, acknowledged, failed };
}

/** The first error is the one to tell. */
async function closeAfter(writer: SinkWriter<never>): Promise<void> {
  try {
    await writer.flush();
  } catch {
    // A sink that failed cannot flush.
  }
  try {
    await writer.close({ isComplete: false });
  } catch {
    // Nor must it hide why.
  }
}
