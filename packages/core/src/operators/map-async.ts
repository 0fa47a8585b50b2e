import { Observable, type Subscriber } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import { isBatch } from '../batch/is-batch.ts';
import { checkInteger, optionError } from './check-option.ts';
import { operatorError } from './operator-error.ts';
import { PressureGate } from './pressure-gate.ts';
import { withGate } from './subscription-context.ts';

/** How much asynchronous work may be under way. */
export interface MapAsyncOptions<T> {
  /** Calls of the function that may be pending at once; default 8. */
  readonly concurrency?: number;
  /** Bytes of inputs that may wait or be worked on before the source is held back; default 16 MiB. What one batch gives is never cut. */
  readonly maxQueuedBytes?: number;
  /** Bytes an input counts as; default: what a retained batch holds, at least 256, and 1024 for anything else. */
  readonly sizeOf?: (value: T) => number;
}

const DEFAULT_CONCURRENCY = 8;
const DEFAULT_QUEUED_BYTES = 16 * 1024 * 1024;
const VALUE_BYTES = 1024;
/** Of a batch with nothing selected: its work waits as any other does, and must not wait without bound. */
const LEAST_BATCH_BYTES = 256;

function defaultSize(value: unknown): number {
  return isBatch(value)
    ? Math.max(LEAST_BATCH_BYTES, value.raw.memory.buffer.byteLength)
    : VALUE_BYTES;
}

/** One input on its way: waiting, at work, or done and waiting for those before it. */
interface Job<T, R> {
  readonly value: T;
  readonly bytes: number;
  result: R | undefined;
  isDone: boolean;
}

/** The jobs of one subscription, in order. */
class JobQueue<T, R> {
  readonly gate: PressureGate;
  readonly #work: (value: T, index: number) => PromiseLike<R>;
  readonly #concurrency: number;
  readonly #maxQueuedBytes: number;
  readonly #subscriber: Subscriber<R>;
  readonly #jobs: Job<T, R>[];
  #started: number;
  #running: number;
  #calls: number;
  #queuedBytes: number;
  #isSourceDone: boolean;

  constructor(
    work: (value: T, index: number) => PromiseLike<R>,
    options: MapAsyncOptions<T>,
    subscriber: Subscriber<R>,
  ) {
    this.gate = new PressureGate();
    this.#work = work;
    this.#concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
    this.#maxQueuedBytes = options.maxQueuedBytes ?? DEFAULT_QUEUED_BYTES;
    this.#subscriber = subscriber;
    this.#jobs = [];
    this.#started = 0;
    this.#running = 0;
    this.#calls = 0;
    this.#queuedBytes = 0;
    this.#isSourceDone = false;
  }

  push(value: T, bytes: number): void {
    this.#jobs.push({ value, bytes, result: undefined, isDone: false });
    this.gate.take();
    this.#queuedBytes += bytes;
    if (this.#queuedBytes >= this.#maxQueuedBytes) this.gate.close();
    this.#startMore();
  }

  /** No more inputs: completes once all are through. */
  end(): void {
    this.#isSourceDone = true;
    this.#completeIfThrough();
  }

  /** Nobody wants the results any more: what is at work goes on, nothing comes of it. */
  drop(): void {
    this.#jobs.length = 0;
    this.#started = 0;
    this.gate.leave(0);
    this.gate.open();
  }

  #startMore(): void {
    while (
      this.#running < this.#concurrency &&
      this.#started < this.#jobs.length &&
      !this.#subscriber.closed
    ) {
      const job = this.#jobs[this.#started++]!;
      this.#running++;
      void this.#run(job);
    }
  }

  async #run(job: Job<T, R>): Promise<void> {
    try {
      job.result = await this.#work(job.value, this.#calls++);
    } catch (error) {
      this.#subscriber.error(operatorError('mapAsync', error));
      return;
    }
    this.#running--;
    job.isDone = true;
    this.#emitDone();
    this.#startMore();
    this.#completeIfThrough();
  }

  /** Results leave in the order of their inputs. */
  #emitDone(): void {
    while (this.#jobs[0]?.isDone === true) {
      const job = this.#jobs.shift()!;
      this.#started--;
      this.#queuedBytes -= job.bytes;
      if (this.#queuedBytes < this.#maxQueuedBytes) this.gate.open();
      this.#subscriber.next(job.result as R);
      this.gate.leave(this.#jobs.length);
    }
  }

  #completeIfThrough(): void {
    if (this.#isSourceDone && this.#jobs.length === 0) this.#subscriber.complete();
  }
}

/**
 * Does bounded asynchronous work for each value or batch and gives the results in their order. Batches are retained for it. While more than `maxQueuedBytes` are on their
 * way, the source is asked for no more: a lane waits, its event loop goes on.
 *
 * A function that throws or rejects ends the stream with ERR_SOCKFLOW_OPERATOR.
 */
export function mapAsync<T, R>(
  work: (value: T, index: number) => PromiseLike<R>,
  options: MapAsyncOptions<T> = {},
): (source: Observable<T>) => Observable<R> {
  if (typeof work !== 'function') throw optionError('mapAsync', 'work', 'a function', work);
  const { concurrency = DEFAULT_CONCURRENCY, maxQueuedBytes = DEFAULT_QUEUED_BYTES } = options;
  checkInteger('mapAsync', 'concurrency', concurrency, 1, Number.MAX_SAFE_INTEGER);
  checkInteger('mapAsync', 'maxQueuedBytes', maxQueuedBytes, 1, Number.MAX_SAFE_INTEGER);
  const sizeOf = options.sizeOf ?? defaultSize;
  return (source) =>
    new Observable<R>((subscriber) => {
      const queue = new JobQueue(work, options, subscriber);
      subscriber.add(() => queue.drop());
      const subscription = withGate(queue.gate, () =>
        source.subscribe({
          next: (value) => {
            const kept = isBatch(value) ? (value.retain() as Batch & T) : value;
            queue.push(kept, sizeOf(kept));
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => queue.end(),
        }),
      );
      return subscription;
    });
}
