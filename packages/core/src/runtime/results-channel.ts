/*
 * The way of emitted values from a lane to the main thread. Lane's half: ResultsSender; main's: ResultsReceiver. The other way nothing goes but one message: to give up.
 *
 * Nothing is lost and nothing piles up: values are packed when they are emitted, sent once a turn, and a lane that has more than RESULTS_BOUND_BYTES under way
 * asks its source for no more until the main thread has delivered some. What one turn emits may go beyond the bound.
 */
import type { MessagePort } from 'node:worker_threads';

import type { Subject } from 'rxjs';

import { unpackValues, ValuePacker } from './codec.ts';
import { RESULTS_TAKEN_I32 } from './layout.ts';

/** Bytes of a lane's emitted values that may be under way to the main thread before the lane is held back. */
export const RESULTS_BOUND_BYTES: number = 1024 * 1024;
const RECHECK_MS = 200;

/** The lane's half. */
export class ResultsSender {
  readonly #port: MessagePort;
  readonly #control: Int32Array;
  readonly #packer: ValuePacker;
  #sentBytes: number;
  #values: number;

  constructor(port: MessagePort, control: SharedArrayBuffer) {
    this.#port = port;
    this.#control = new Int32Array(control, 0, RESULTS_TAKEN_I32 + 1);
    this.#packer = new ValuePacker();
    this.#sentBytes = 0;
    this.#values = 0;
  }

  /** Values emitted so far. */
  get values(): number {
    return this.#values;
  }

  emit(value: unknown): void {
    this.#packer.add(emittable(value));
    this.#values++;
  }

  /** Sends what was emitted since the last call. */
  flush(): void {
    if (this.#packer.usedBytes === 0) return;
    const bytes = this.#packer.take();
    this.#sentBytes += bytes.byteLength;
    this.#port.postMessage(bytes, [bytes.buffer]);
  }

  /** Sends a sentence at once, past what is emitted. */
  warn(text: string): void {
    this.#port.postMessage(text);
  }

  get isFull(): boolean {
    return this.#underWayBytes(this.#taken()) > RESULTS_BOUND_BYTES;
  }

  /** Resolves when the main thread has taken something since, or after a while. */
  async wait(): Promise<void> {
    const taken = this.#taken();
    if (this.#underWayBytes(taken) <= RESULTS_BOUND_BYTES) return;
    // PAIRS WITH the add and notify in ResultsReceiver: a change in between makes it return at once.
    await Atomics.waitAsync(this.#control, RESULTS_TAKEN_I32, taken, RECHECK_MS).value;
  }

  close(): void {
    this.flush();
    this.#port.close();
  }

  #taken(): number {
    return Atomics.load(this.#control, RESULTS_TAKEN_I32);
  }

  /** Both counts are modulo 2^32; what is under way is far below. */
  #underWayBytes(taken: number): number {
    return (this.#sentBytes - taken) >>> 0;
  }
}

/** Where what a lane sends goes. */
export interface ResultsEnds {
  readonly results: Pick<Subject<unknown>, 'next'>;
  readonly onWarning: (text: string) => void;
}

/** The main thread's half, of one lane. */
export class ResultsReceiver {
  readonly closed: Promise<void>;
  readonly #port: MessagePort;

  constructor(port: MessagePort, control: SharedArrayBuffer, ends: ResultsEnds) {
    const words = new Int32Array(control, 0, RESULTS_TAKEN_I32 + 1);
    this.#port = port;
    this.closed = new Promise((resolve) => {
      port.on('close', resolve);
    });
    const { results, onWarning } = ends;
    port.on('message', (bytes: Uint8Array | string) => {
      if (typeof bytes === 'string') {
        onWarning(bytes);
        return;
      }
      // Counted before they are delivered: a subscriber that throws must not hold the lane back for ever.
      Atomics.add(words, RESULTS_TAKEN_I32, bytes.byteLength);
      Atomics.notify(words, RESULTS_TAKEN_I32);
      for (const value of unpackValues(bytes)) results.next(value);
    });
  }

  /** Wakes the lane, to look at its stop request. */
  giveUp(): void {
    this.#port.postMessage('give up');
  }

  close(): void {
    this.#port.close();
  }
}

/** Batches and views lie in memory that will be another event's: what they show is sent instead. */
function emittable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('toObject' in value && typeof value.toObject === 'function') return value.toObject();
  if ('toObjects' in value && typeof value.toObjects === 'function') return value.toObjects();
  return value;
}
