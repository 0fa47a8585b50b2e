import type { Sink, SinkOutcome, SinkReport, SinkWriter } from '../contracts/sink.ts';
import type { Origin } from '../schema/origin.ts';
import type { CounterTable } from './lane-counters.ts';
import type { LedgerLayout } from './layout.ts';
import type { SinkProgress } from './span-checkpoints.ts';

/** One sink of one output in this lane: its writer, and what is counted of it. */
export class SinkEnd implements SinkProgress {
  readonly sink: Sink;
  readonly #writer: SinkWriter;
  readonly #counters: CounterTable;
  readonly #givenIndex: number;
  readonly #acknowledgedIndex: number;
  readonly #failedIndex: number;
  readonly #spooledIndex: number;
  #isAbandoned: boolean;

  constructor(
    sink: Sink,
    writer: SinkWriter,
    counters: CounterTable,
    layout: LedgerLayout,
    output: number,
    index: number,
  ) {
    this.sink = sink;
    this.#writer = writer;
    this.#counters = counters;
    this.#givenIndex = layout.sinkIndex(output, index, 'given');
    this.#acknowledgedIndex = layout.sinkIndex(output, index, 'acknowledged');
    this.#failedIndex = layout.sinkIndex(output, index, 'failed');
    this.#spooledIndex = layout.sinkIndex(output, index, 'spooled');
    this.#isAbandoned = false;
  }

  get given(): number {
    return this.#counters.get(this.#givenIndex);
  }

  /** As the sink says at this moment. */
  get acknowledged(): number {
    return this.#writer.acknowledged;
  }

  get failed(): number {
    return this.#writer.failed;
  }

  write(input: unknown, amount: number): Promise<void> | void {
    this.#counters.add(this.#givenIndex, amount);
    return this.#writer.write(input);
  }

  advanceTime(origin: Origin, timeUs: number): void {
    this.#writer.advanceTime?.(origin, timeUs);
  }

  idle(): void {
    this.#writer.idle?.();
  }

  async flush(): Promise<void> {
    await this.#writer.flush();
  }

  async close(outcome: SinkOutcome): Promise<SinkReport> {
    const report = await this.#writer.close(outcome);
    this.count();
    return report;
  }

  /** Nobody waits for it any more: what it has not acknowledged by now counts as failed. */
  abandon(): void {
    this.count();
    this.#isAbandoned = true;
    this.#follow(this.#failedIndex, this.given - this.#counters.get(this.#acknowledgedIndex));
  }

  /** Takes over how far the sink says it has come. */
  count(): void {
    if (this.#isAbandoned) return;
    this.#follow(this.#acknowledgedIndex, this.#writer.acknowledged);
    this.#follow(this.#failedIndex, this.#writer.failed);
    const { spooled } = this.#writer;
    if (spooled !== undefined) this.#follow(this.#spooledIndex, spooled);
  }

  #follow(index: number, total: number): void {
    this.#counters.add(index, total - this.#counters.get(index));
  }
}
