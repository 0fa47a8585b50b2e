import {
  type EventObject,
  emit,
  isBatch,
  isSockflowError,
  type Marker,
  type Sink,
  type SinkReport,
  type SinkWriter,
} from '@sockflow/core';

import { SinkError } from '../errors.ts';

const DEFAULT_MAX_ITEMS = 1_000_000;

/** Settings of {@link memory}. */
export interface MemoryOptions {
  /** Events and values that may be kept before a write is refused; 1,000,000 where not given. */
  readonly maxItems?: number;
}

/** A sink that keeps what it is given, as objects. */
export interface MemorySink<T = unknown> extends Sink<T> {
  readonly events: readonly EventObject[];
  readonly markers: readonly Marker[];
  readonly values: readonly T[];
  /** Forgets everything, so that as much may come again. */
  clear(): void;
}

class Contents<T> implements MemorySink<T> {
  readonly name: string;
  readonly accepts: Sink['accepts'];
  readonly events: EventObject[];
  readonly markers: Marker[];
  readonly values: T[];
  readonly #maxItems: number;

  constructor(maxItems: number) {
    this.name = 'memory';
    this.accepts = 'both';
    this.events = [];
    this.markers = [];
    this.values = [];
    this.#maxItems = maxItems;
  }

  open(): SinkWriter<T> {
    return new MemoryWriter(this);
  }

  clear(): void {
    this.events.length = 0;
    this.markers.length = 0;
    this.values.length = 0;
  }

  /** @throws ERR_SOCKFLOW_SINK_FULL where `count` more are too many */
  reserve(count: number): void {
    if (this.events.length + this.values.length + count <= this.#maxItems) return;
    throw new SinkError(
      'ERR_SOCKFLOW_SINK_FULL',
      `the memory sink holds at most ${this.#maxItems} events and values`,
      {
        remedy: 'Filter more, call clear() in between, raise maxItems, or write to a file',
        details: { maxItems: this.#maxItems },
      },
    );
  }
}

/** Whether a value of this lane can be sent to the main thread; false in-process. The first item tells. */
function tryEmit(item: unknown): boolean {
  try {
    emit(item);
    return true;
  } catch (error) {
    if (isSockflowError(error) && error.code === 'ERR_SOCKFLOW_NO_LANE') return false;
    throw error;
  }
}

class MemoryWriter<T> implements SinkWriter<T> {
  readonly #contents: Contents<T>;
  #isLane: boolean | undefined;
  #acknowledged: number;
  #failed: number;

  constructor(contents: Contents<T>) {
    this.#contents = contents;
    this.#isLane = undefined;
    this.#acknowledged = 0;
    this.#failed = 0;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get failed(): number {
    return this.#failed;
  }

  write(input: unknown): void {
    const batch = isBatch(input) ? input : undefined;
    const count = batch?.size ?? 1;
    try {
      const events = batch === undefined ? [] : batch.toObjects();
      const markers = batch === undefined ? [] : batch.markers;
      const values = batch === undefined ? [input as T] : [];
      this.#take(events, markers, values);
      this.#acknowledged += count;
    } catch (error) {
      this.#failed += count;
      throw error;
    }
  }

  flush(): void {
    // Everything is where it belongs when `write` returns.
  }

  close(): SinkReport {
    return { location: this.#isLane === true ? 'results of the run' : 'memory' };
  }

  #take(events: EventObject[], markers: readonly Marker[], values: T[]): void {
    const items = [...events, ...markers, ...values];
    if (items.length === 0) return;
    if (this.#isLane !== false) {
      const [first, ...rest] = items;
      this.#isLane = tryEmit(first);
      if (this.#isLane) {
        for (const item of rest) emit(item);
        return;
      }
    }
    this.#contents.reserve(events.length + values.length);
    for (const event of events) this.#contents.events.push(event);
    for (const marker of markers) this.#contents.markers.push(marker);
    for (const value of values) this.#contents.values.push(value);
  }
}

/**
 * Keeps what it is given: for tests and programs that go on with it.
 *
 * In-process (`writeTo`) it is in `events`, `markers` and `values` of this very sink. In a run each lane has a sink of its own, in a thread of its own: there every event
 * object, marker and value is emitted and arrives, in the order of its lane, in the run's `results`.
 */
export function memory<T = unknown>(options: MemoryOptions = {}): MemorySink<T> {
  return new Contents<T>(options.maxItems ?? DEFAULT_MAX_ITEMS);
}
