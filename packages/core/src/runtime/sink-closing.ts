import type { SinkReport } from '../contracts/sink.ts';
import type { FailurePlace } from './lane-failure.ts';
import { GAVE_UP, type LanePatience } from './lane-patience.ts';
import type { LaneSinkReport } from './lane-report.ts';
import type { SinkEnd } from './sink-end.ts';

/** One sink, by its output. */
export interface PlacedEnd {
  readonly output: string;
  readonly end: SinkEnd;
}

/** What the closing of a lane's sinks asks and tells. */
export interface SinkClosingListener {
  /** Whether the run has failed, as far as this lane knows. */
  readonly hasFailed: () => boolean;
  readonly failed: (place: FailurePlace, cause: unknown) => void;
}

/**
 * Flushes a lane's sinks and closes them. All are flushed before the first is closed: what one cannot write keeps the others from calling theirs complete. Once the lane's patience is
 * over, those left are closed at the same time, as of a run that has failed, and what they have not acknowledged within a second is given up: it counts as failed.
 */
export class SinkClosing {
  readonly #ends: readonly PlacedEnd[];
  readonly #patience: LanePatience;
  readonly #listener: SinkClosingListener;
  readonly #closings: Map<SinkEnd, Promise<SinkReport | undefined>>;
  readonly #reports: Map<SinkEnd, SinkReport>;

  constructor(ends: readonly PlacedEnd[], patience: LanePatience, listener: SinkClosingListener) {
    this.#ends = ends;
    this.#patience = patience;
    this.#listener = listener;
    this.#closings = new Map();
    this.#reports = new Map();
  }

  async run(): Promise<LaneSinkReport[]> {
    for (const placed of this.#ends) {
      if (this.#patience.isOver) break;
      await this.#patience.within(this.#inPlace(placed, () => placed.end.flush()));
    }
    for (const placed of this.#ends) {
      if (this.#patience.isOver) break;
      await this.#patience.within(this.#close(placed));
    }
    if (this.#patience.isOver) await this.#giveUp();
    return this.#ends.map(({ output, end }) => ({
      output,
      sink: end.sink.name,
      report: this.#reports.get(end) ?? {},
    }));
  }

  async #giveUp(): Promise<void> {
    await Promise.all(
      this.#ends.map(async (placed) => {
        const closed = await this.#patience.withGrace(this.#close(placed));
        if (closed === GAVE_UP) placed.end.abandon();
      }),
    );
  }

  /** Once: asked again it is the same closing. */
  #close(placed: PlacedEnd): Promise<SinkReport | undefined> {
    const { end } = placed;
    const isComplete = !this.#patience.isOver && !this.#listener.hasFailed();
    const closing =
      this.#closings.get(end) ?? this.#inPlace(placed, () => end.close({ isComplete }));
    this.#closings.set(end, closing);
    return closing.then((report) => {
      if (report !== undefined) this.#reports.set(end, report);
      return report;
    });
  }

  async #inPlace<T>({ output, end }: PlacedEnd, act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      this.#listener.failed({ phase: 'sink', output, sink: end.sink.name }, error);
      return undefined;
    }
  }
}
