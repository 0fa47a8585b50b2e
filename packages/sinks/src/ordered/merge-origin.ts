import type { Origin } from '@sockflow/core';

import { Chain, type MergeRun } from './chain.ts';
import { TIME_HIGH, TIME_LOW } from './compare-slots.ts';

const NO_LIMIT = 2 ** 32;
const MAX_TIME_US = 2 ** 53;

/** The runs of one origin over all lanes, and how late each lane is. */
export class MergeOrigin {
  readonly origin: Origin;
  /** A heap: the chain whose head is the oldest comes first. */
  readonly #chains: Chain[];
  /** By lane, us since boot. */
  readonly #timesUs: Float64Array;
  readonly #clockOffsetNs: bigint;
  /** What is older than this time may be written, ns: two words. */
  #gateHigh: number;
  #gateLow: number;
  #chainsMade: number;

  constructor(origin: Origin, lanes: number) {
    this.origin = origin;
    this.#chains = [];
    this.#timesUs = new Float64Array(lanes);
    this.#clockOffsetNs =
      origin.clock === undefined ? 0n : origin.clock.realtimeNs - origin.clock.bootNs;
    this.#gateHigh = 0;
    this.#gateLow = 0;
    this.#chainsMade = 0;
  }

  add(run: MergeRun): void {
    for (const chain of this.#chains) if (chain.lane === run.lane && chain.tryAppend(run)) return;
    this.#chains.push(new Chain(run, this.#chainsMade++));
    this.#siftUp(this.#chains.length - 1);
  }

  setTime(lane: number, timeUs: number): void {
    if (timeUs > (this.#timesUs[lane] ?? 0)) this.#timesUs[lane] = timeUs;
  }

  /** By the lanes that count: what is older than the earliest of their times may be written (O5). */
  openGate(doesCount: readonly boolean[]): void {
    let timeUs = Infinity;
    for (const [lane, own] of this.#timesUs.entries()) {
      if (doesCount[lane] === true) timeUs = Math.min(timeUs, own);
    }
    if (timeUs >= MAX_TIME_US) {
      this.#gateHigh = NO_LIMIT;
      return;
    }
    const ns = BigInt(Math.floor(timeUs)) * 1000n;
    this.#gateHigh = Number(ns >> 32n);
    this.#gateLow = Number(ns & 0xffffffffn);
  }

  /** The chain of the oldest slot. */
  get oldest(): Chain | undefined {
    return this.#chains[0];
  }

  /** The chain of the oldest slot, where that may be written. */
  get ready(): Chain | undefined {
    const chain = this.#chains[0];
    if (chain === undefined) return undefined;
    const high = chain.words[chain.slot + TIME_HIGH]!;
    if (high !== this.#gateHigh) return high < this.#gateHigh ? chain : undefined;
    return chain.words[chain.slot + TIME_LOW]! < this.#gateLow ? chain : undefined;
  }

  /** The oldest slot was taken. @returns the run that is over by that, where one is */
  pass(): MergeRun | undefined {
    const chains = this.#chains;
    const chain = chains[0] as Chain;
    const run = chain.pass();
    if (chain.isEmpty) {
      const last = chains.pop() as Chain;
      if (chains.length > 0) chains[0] = last;
    }
    this.#siftDown();
    return run;
  }

  /** Wall time of the oldest slot where the origin's clock is known, else boot time, ns: only to compare with other origins. */
  get oldestNs(): bigint {
    return timeNs(this.#chains[0] as Chain) + this.#clockOffsetNs;
  }

  /** Of the lanes that count, those that may still bring something older than the oldest slot, or of the same microsecond. */
  lanesAwaited(doesCount: readonly boolean[]): number[] {
    const oldestNs = timeNs(this.#chains[0] as Chain);
    const lanes: number[] = [];
    for (const [lane, timeUs] of this.#timesUs.entries()) {
      if (doesCount[lane] !== true || timeUs >= MAX_TIME_US) continue;
      if (BigInt(Math.floor(timeUs)) * 1000n <= oldestNs) lanes.push(lane);
    }
    return lanes;
  }

  #siftUp(from: number): void {
    const chains = this.#chains;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!chains[at]!.isBefore(chains[parent]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #siftDown(): void {
    const chains = this.#chains;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= chains.length) return;
      const right = left + 1;
      const child = right < chains.length && chains[right]!.isBefore(chains[left]!) ? right : left;
      if (!chains[child]!.isBefore(chains[at]!)) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #swap(one: number, other: number): void {
    const chains = this.#chains;
    [chains[one], chains[other]] = [chains[other]!, chains[one]!];
  }
}

function timeNs({ words, slot }: Chain): bigint {
  return (BigInt(words[slot + TIME_HIGH]!) << 32n) | BigInt(words[slot + TIME_LOW]!);
}
