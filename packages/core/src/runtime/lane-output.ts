import type { Observable, Subscription } from 'rxjs';

import { isBatch } from '../batch/is-batch.ts';
import type { ConnectionCounts } from '../operators/connections/connection-counts.ts';
import type { PressureGate } from '../operators/pressure-gate.ts';
import { recordConnectionCounts, recordGates } from '../operators/subscription-context.ts';
import type { Origin } from '../schema/origin.ts';
import type { FailurePlace } from './lane-failure.ts';
import { requireInput } from './require-input.ts';
import type { SinkEnd } from './sink-end.ts';

/** What an output tells its lane. */
export interface OutputListener {
  /** A sink asks the lane to wait. */
  held(settled: Promise<void>): void;
  failed(place: FailurePlace, cause: unknown): void;
  completed(): void;
}

/** One output of the pipeline in this lane: what it delivers goes to its sinks at once. */
export class LaneOutput {
  readonly name: string;
  readonly #listener: OutputListener;
  #sinks: readonly SinkEnd[];
  #subscription: Subscription | undefined;
  #connections: readonly Readonly<ConnectionCounts>[];
  #gates: readonly PressureGate[];
  #isComplete: boolean;

  constructor(name: string, listener: OutputListener) {
    this.name = name;
    this.#listener = listener;
    this.#sinks = [];
    this.#subscription = undefined;
    this.#connections = [];
    this.#gates = [];
    this.#isComplete = false;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  get sinks(): readonly SinkEnd[] {
    return this.#sinks;
  }

  /** Before the first event: the sinks are opened after the outputs are subscribed, so that a plan that cannot be opens none. */
  addSink(sink: SinkEnd): void {
    this.#sinks = [...this.#sinks, sink];
  }

  subscribe(output: Observable<unknown>): void {
    const observer = {
      next: (value: unknown) => this.#take(value),
      error: (error: unknown) =>
        this.#listener.failed({ phase: 'pipeline', output: this.name }, error),
      complete: () => {
        this.#isComplete = true;
        this.#listener.completed();
      },
    };
    this.#gates = recordGates(() => {
      this.#connections = recordConnectionCounts(() => {
        this.#subscription = output.subscribe(observer);
      });
    });
  }

  /** The gates of its operators: while one is closed, the lane must not ask its source for more. */
  get gates(): readonly PressureGate[] {
    return this.#gates;
  }

  /** Connections whose state was given back early, since there were too many of them. */
  get evictedConnections(): number {
    return this.#connections.reduce((sum, { evicted }) => sum + evicted, 0);
  }

  /** After each span, whatever of it was delivered. */
  advanceTime(origin: Origin, timeUs: number): void {
    for (const sink of this.#sinks) this.#tell(sink, () => sink.advanceTime(origin, timeUs));
  }

  /** The lane waits for its source. */
  idle(): void {
    for (const sink of this.#sinks) this.#tell(sink, () => sink.idle());
  }

  unsubscribe(): void {
    this.#subscription?.unsubscribe();
  }

  #take(value: unknown): void {
    const batch = isBatch(value) ? value : undefined;
    const amount = batch?.size ?? 1;
    if (amount === 0 && batch?.raw.markerCount === 0) return;
    for (const sink of this.#sinks) {
      try {
        requireInput(sink.sink, this.name, batch !== undefined);
        const settled = sink.write(value, amount);
        if (settled !== undefined) this.#hold(sink, settled);
      } catch (error) {
        this.#failSink(sink, error);
      }
    }
  }

  #tell(sink: SinkEnd, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#failSink(sink, error);
    }
  }

  #hold(sink: SinkEnd, settled: Promise<void>): void {
    this.#listener.held(settled.catch((error: unknown) => this.#failSink(sink, error)));
  }

  #failSink(sink: SinkEnd, error: unknown): void {
    this.#listener.failed({ phase: 'sink', output: this.name, sink: sink.sink.name }, error);
  }
}
