import type { Origin } from '@sockflow/core';

import type { Chain, MergeRun } from './chain.ts';
import { MergeOrigin } from './merge-origin.ts';

/** What takes slots in their order. */
export interface MergeTaker {
  /** @returns whether it took the chain's oldest slot: not where it is full, or has slots of another origin */
  take(chain: Chain, origin: MergeOrigin): boolean;
  /** All of a run was taken. */
  done(run: MergeRun): void;
}

/** An event that may not be written yet, and who keeps it. */
export interface Wait {
  readonly lanes: readonly number[];
}

/**
 * Puts the runs of all lanes into one order, as far as the times of the lanes allow (O5).
 *
 * Within an origin the order is that of compareSlots. Across origins, whose boot clocks have nothing to do with each other, it is that of wall time among what may be written: an event
 * waits for the other lanes' times of its own origin, not for other origins.
 */
export class OrderedMerge {
  readonly #lanes: number;
  readonly #origins: Map<string, MergeOrigin>;
  #list: readonly MergeOrigin[];
  readonly #doesCount: boolean[];
  #isGateDue: boolean;

  constructor(lanes: number) {
    this.#lanes = lanes;
    this.#origins = new Map();
    this.#list = [];
    this.#doesCount = Array.from({ length: lanes }, () => true);
    this.#isGateDue = true;
  }

  originOf(origin: Origin): MergeOrigin {
    let own = this.#origins.get(origin.id);
    if (own === undefined) {
      own = new MergeOrigin(origin, this.#lanes);
      this.#origins.set(origin.id, own);
      this.#list = [...this.#origins.values()];
      this.#isGateDue = true;
    }
    return own;
  }

  setTime(lane: number, origin: MergeOrigin, timeUs: number): void {
    origin.setTime(lane, timeUs);
    this.#isGateDue = true;
  }

  /** Whether events wait for this lane: not where it is over, has flushed, or is set aside. */
  setCounting(lane: number, doesCount: boolean): void {
    if (this.#doesCount[lane] === doesCount) return;
    this.#doesCount[lane] = doesCount;
    this.#isGateDue = true;
  }

  /** Hands out what may be written, until the taker takes no more. */
  handOut(taker: MergeTaker): void {
    if (this.#isGateDue) for (const origin of this.#list) origin.openGate(this.#doesCount);
    this.#isGateDue = false;
    const isOne = this.#list.length === 1;
    for (let origin = this.#next(); origin !== undefined; origin = isOne ? origin : this.#next()) {
      const chain = origin.ready;
      if (chain === undefined || !taker.take(chain, origin)) return;
      const run = origin.pass();
      if (run !== undefined) taker.done(run);
    }
  }

  /** What the oldest event waits for, where there is one. */
  wait(): Wait | undefined {
    const waiting = this.#list.filter(({ oldest }) => oldest !== undefined);
    if (waiting.length === 0) return undefined;
    const origin = waiting.reduce((one, other) => (other.oldestNs < one.oldestNs ? other : one));
    return { lanes: origin.lanesAwaited(this.#doesCount) };
  }

  /** The origin whose oldest slot comes next: of those that may be written, the earliest. */
  #next(): MergeOrigin | undefined {
    if (this.#list.length === 1) return this.#list[0];
    let next: MergeOrigin | undefined;
    for (const origin of this.#list) {
      if (origin.ready === undefined) continue;
      if (next === undefined || origin.oldestNs < next.oldestNs) next = origin;
    }
    return next;
  }
}
