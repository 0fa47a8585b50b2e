/**
 * Layout of one lane's control block: a SharedArrayBuffer of its own, made by the main thread.
 *
 *   offset  bytes  field            writer  meaning
 *   ------  -----  ---------------  ------  ------------------------------------------------------------------
 *        0      4  stop request     main    0 run on, 1 drain: ask the source for no more and end well, 2 drain after a failure: outputs are not complete,
 *                                            3 give up: end now, and count as failed what sinks have not acknowledged
 *        4      4  results taken    main    bytes of emitted values that the main thread has delivered, mod 2^32
 *        8      4  ending           main    1 once the run is to end, however its source does that: sinks wait for nothing any more
 *       64      4  published        lane    sets of counters published so far, mod 2^32
 *      128  8 x n  set 0            lane    f64 counters: the lane's, then each output's followed by its sinks';
 *                                            written and read as 32-bit words, by Atomics
 *  128+8xn  8 x n  set 1            lane    the same; set number k lies in set k mod 2, all zero before the first
 *
 * Invariants
 *   L0a  Each field has one writing thread; main's and the lane's are on different cache lines.
 *   L0b  Set `published` mod 2 is not written until `published` has changed: what is read of it between two equal values of `published` is what the lane had
 *        counted at the end of one turn. The identities between counters of one lane hold in each such set, not only at the end. A lane that is suspended or
 *        dies while it writes the other set keeps no reader waiting.
 *   L0c  Counters never decrease, nor do the stop request and `ending`: a failure is never taken for a stop.
 *
 * The ledger's identities (checked by ledger-identities.ts)
 *   L1  over all lanes: recorded = read + skipped + bad, where the source knows what it holds (it gives totalBytes) and was read to its end
 *   L2  per lane and output: in = due and in = filtered + out, where due = events read while a subscription of the output was there, once for each
 *   L3  per lane, output and sink: given = out, where an output is a subscription of ours with nothing but filters of ours before it
 *   L4  per lane and sink: given = acknowledged + failed, once closed
 *
 * and those of a live source's part, which lies not here but comes from the source (source-identities.ts)
 *   K1  per lane and class, once settled: seen + made = submitted + notAskedFor + filtered + folded + shed + lost; over all of them made = the sum of madeByKind
 *   K2  per lane, once settled and the lane has read its source to the end: submitted over all classes = read + markers + bad + skipped
 */
import { LANE_COUNTERS, OUTPUT_COUNTERS, SINK_COUNTERS } from '../contracts/ledger.ts';
import type { LaneCounter, OutputCounter, SinkCounter } from '../contracts/ledger.ts';

export const STOP_I32 = 0;
export const RESULTS_TAKEN_I32 = 1;
export const ENDING_I32 = 2;
export const PUBLISHED_I32 = 16;
export const COUNTERS_OFFSET = 128;

export const RUN_ON = 0;
export const DRAIN = 1;
export const DRAIN_FAILED = 2;
export const GIVE_UP = 3;

/** The outputs of a pipeline and the sinks of each, by name: what the counters are of. */
export interface LedgerShape {
  readonly outputs: readonly { readonly name: string; readonly sinks: readonly string[] }[];
}

/** Where each counter of a lane lies, as an index into its f64 counters. */
export class LedgerLayout {
  readonly shape: LedgerShape;
  readonly counterCount: number;
  readonly #outputStarts: readonly number[];

  constructor(shape: LedgerShape) {
    const outputStarts: number[] = [];
    let next = LANE_COUNTERS.length;
    for (const { sinks } of shape.outputs) {
      outputStarts.push(next);
      next += OUTPUT_COUNTERS.length + sinks.length * SINK_COUNTERS.length;
    }
    this.shape = shape;
    this.counterCount = next;
    this.#outputStarts = outputStarts;
  }

  get controlBytes(): number {
    return COUNTERS_OFFSET + this.counterCount * 16;
  }

  laneIndex(counter: LaneCounter): number {
    return LANE_COUNTERS.indexOf(counter);
  }

  outputIndex(output: number, counter: OutputCounter): number {
    return this.#startOf(output) + OUTPUT_COUNTERS.indexOf(counter);
  }

  sinkIndex(output: number, sink: number, counter: SinkCounter): number {
    const start = this.#startOf(output) + OUTPUT_COUNTERS.length;
    return start + sink * SINK_COUNTERS.length + SINK_COUNTERS.indexOf(counter);
  }

  #startOf(output: number): number {
    const start = this.#outputStarts[output];
    if (start === undefined) throw new RangeError(`there is no output ${output}`);
    return start;
  }
}
