import type { SourceLedger } from '../contracts/ledger.ts';
import { DRAIN, DRAIN_FAILED, ENDING_I32, GIVE_UP, STOP_I32, type LedgerLayout } from './layout.ts';
import { toLedgerSnapshot, type LedgerSnapshot } from './ledger.ts';
import { readCounters } from './read-counters.ts';

/** The control blocks of all lanes, as the main thread uses them: asks lanes to stop, reads what they counted. */
export class LaneControls {
  readonly blocks: readonly SharedArrayBuffer[];
  readonly #layout: LedgerLayout;
  /** By lane: the last set that was read. */
  readonly #counts: Float64Array[];
  /** Lanes whose thread was ended: nobody counts there any more. */
  readonly #ended: Set<number>;

  constructor(layout: LedgerLayout, lanes: number) {
    this.blocks = Array.from({ length: lanes }, () => new SharedArrayBuffer(layout.controlBytes));
    this.#layout = layout;
    this.#counts = this.blocks.map(() => new Float64Array(layout.counterCount));
    this.#ended = new Set();
  }

  /** The user wants no more: what was taken is complete. */
  requestDrain(): void {
    this.#request(DRAIN);
  }

  /** The run has failed or is given up: no output is complete. */
  requestFailedDrain(): void {
    this.#request(DRAIN_FAILED);
  }

  /** The time is over: lanes wait for nothing any more. */
  requestGiveUp(): void {
    this.#request(GIVE_UP);
  }

  /** The lane's thread was ended before its sinks were closed: from now on what they had not acknowledged counts as failed. */
  hasEnded(lane: number): void {
    this.#ended.add(lane);
  }

  /** Whatever waits in a lane need not wait any longer. PAIRS WITH the load in the lane's context of sinks; no data hangs on it. */
  requestEnding(): void {
    for (const block of this.blocks) Atomics.store(new Int32Array(block), ENDING_I32, 1);
  }

  /** PAIRS WITH the loads between a lane's turns and where it closes its sinks. No data hangs on it: it may be seen a turn late. */
  #request(stop: number): void {
    for (const block of this.blocks) {
      const control = new Int32Array(block);
      // Only this thread writes it (L0a): nothing comes between the load and the store.
      if (Atomics.load(control, STOP_I32) < stop) Atomics.store(control, STOP_I32, stop);
    }
  }

  /** @param sourceLedger called once the lanes' counters are there: what a lane has read, its source has counted before. */
  snapshot(sourceLedger: () => SourceLedger | undefined): LedgerSnapshot {
    for (const [lane, block] of this.blocks.entries()) {
      const counts = new Float64Array(this.#layout.counterCount);
      if (!readCounters(block, counts)) continue;
      if (this.#ended.has(lane)) this.#failRest(counts);
      this.#counts[lane] = counts;
    }
    return toLedgerSnapshot(this.#layout, this.#counts, sourceLedger());
  }

  #failRest(counts: Float64Array): void {
    for (const [output, { sinks }] of this.#layout.shape.outputs.entries()) {
      for (const sink of sinks.keys()) {
        const given = counts[this.#layout.sinkIndex(output, sink, 'given')] ?? 0;
        const acknowledged = counts[this.#layout.sinkIndex(output, sink, 'acknowledged')] ?? 0;
        counts[this.#layout.sinkIndex(output, sink, 'failed')] = given - acknowledged;
      }
    }
  }
}
