import type { ClockedLane } from '../operators/clocked-lane.ts';
import type { SpanCheckpoints } from './span-checkpoints.ts';

/** A sink may acknowledge while its lane waits, for the source or for a sink: so often somebody looks. */
const LOOK_INTERVAL_MS = 25;

/**
 * Tells a lane's source how many of its spans are done with, where it wants to know: after turns, and in between by a timer, until the sinks are closed. What it is told never
 * decreases, and nothing is told twice.
 */
export class SpanAcknowledger {
  readonly #source: ClockedLane;
  readonly #checkpoints: SpanCheckpoints;
  readonly #failed: (cause: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #told: number;

  constructor(source: ClockedLane, checkpoints: SpanCheckpoints, failed: (cause: unknown) => void) {
    this.#source = source;
    this.#checkpoints = checkpoints;
    this.#failed = failed;
    this.#timer = setInterval(() => this.look(), LOOK_INTERVAL_MS);
    this.#told = 0;
  }

  /** What the source has given was delivered. */
  delivered(): void {
    this.#checkpoints.delivered(this.#source.wholeSpans);
  }

  /** The lane has failed: what is delivered from now on may be incomplete. */
  freeze(): void {
    this.#checkpoints.freeze();
  }

  look(): void {
    const spans = this.#checkpoints.look();
    if (spans === this.#told) return;
    this.#told = spans;
    try {
      this.#source.acknowledge(spans);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The sinks are closed: the last look. */
  end(): void {
    clearInterval(this.#timer);
    this.look();
  }
}
