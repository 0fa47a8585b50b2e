import { DRAIN, STOP_I32, type LedgerLayout } from './layout.ts';
import { toLedgerSnapshot, type LedgerSnapshot } from './ledger.ts';
import { readCounters } from './read-counters.ts';

/** The control blocks of all lanes, as the main thread uses them: asks lanes to stop, reads what they counted. */
export class LaneControls {
  readonly blocks: readonly SharedArrayBuffer[];
  readonly #layout: LedgerLayout;
  /** By lane: the last set that was read. */
  readonly #counts: Float64Array[];

  constructor(layout: LedgerLayout, lanes: number) {
    this.blocks = Array.from({ length: lanes }, () => new SharedArrayBuffer(layout.controlBytes));
    this.#layout = layout;
    this.#counts = this.blocks.map(() => new Float64Array(layout.counterCount));
  }

  /** PAIRS WITH the load between a lane's turns. No data hangs on it: it may be seen a turn late. */
  requestDrain(): void {
    for (const block of this.blocks) Atomics.store(new Int32Array(block), STOP_I32, DRAIN);
  }

  snapshot(): LedgerSnapshot {
    for (const [lane, block] of this.blocks.entries()) {
      const counts = new Float64Array(this.#layout.counterCount);
      if (readCounters(block, counts)) this.#counts[lane] = counts;
    }
    return toLedgerSnapshot(this.#layout, this.#counts);
  }
}
