import type { LaneCounter } from '../contracts/ledger.ts';
import type { LaneStream, LaneSubscription } from '../operators/lane-stream.ts';
import type { SlotSpan } from '../slot/slot-span.ts';
import type { CounterTable } from './lane-counters.ts';
import type { LedgerLayout } from './layout.ts';

/**
 * Counts what the subscriptions of a lane's stream are given.
 *
 * `due` is counted apart from `in`: from the lane's `read`, by how long a subscription was there; `in` from what its own scan walked. So L2 tells when a scan
 * walked other slots than the lane read, or when a subscription was passed over.
 */
export class SubscriptionLedger {
  readonly #stream: LaneStream;
  readonly #counters: CounterTable;
  readonly #layout: LedgerLayout;
  readonly #lane: number;
  readonly #outputIndices: ReadonlyMap<string, number>;
  readonly #readIndex: number;
  readonly #onScan: (subscription: LaneSubscription) => void;
  #tracked: Tracked[];
  #readBeforeSpan: number;

  constructor(stream: LaneStream, counters: CounterTable, layout: LedgerLayout, lane: number) {
    this.#stream = stream;
    this.#counters = counters;
    this.#layout = layout;
    this.#lane = lane;
    this.#outputIndices = new Map(layout.shape.outputs.map(({ name }, index) => [name, index]));
    this.#readIndex = layout.laneIndex('read');
    this.#onScan = (subscription) => this.#countScan(subscription);
    this.#tracked = [];
    this.#readBeforeSpan = 0;
  }

  /** Delivers a span to every subscription. @returns the word where the walk ended. */
  deliver(span: SlotSpan): number {
    this.#admit();
    this.#readBeforeSpan = this.#counters.get(this.#readIndex);
    const counts = this.#stream.deliver(span, this.#onScan);
    this.#count('read', counts.events);
    this.#count('otherLanes', counts.otherLanes);
    this.#count('markers', counts.markers);
    // Damage in slots that lanes share is counted in one of them.
    if (!span.mayHoldOtherLanes || this.#lane === 0) this.#count('bad', counts.damaged);
    return counts.stopWord;
  }

  /** Brings `due` up to what the lane has read. */
  settle(): void {
    const read = this.#counters.get(this.#readIndex);
    let hasLeft = false;
    for (const tracked of this.#tracked) {
      const isPresent = !tracked.subscription.isClosed;
      const dueTo = isPresent || tracked.hasSpan ? read : this.#readBeforeSpan;
      const output = this.#outputIndices.get(tracked.subscription.output);
      if (output !== undefined) {
        this.#counters.add(this.#layout.outputIndex(output, 'due'), dueTo - tracked.dueTo);
      }
      tracked.dueTo = dueTo;
      tracked.hasSpan = false;
      hasLeft ||= !isPresent;
    }
    this.#readBeforeSpan = read;
    if (hasLeft) this.#tracked = this.#tracked.filter(({ subscription }) => !subscription.isClosed);
  }

  /** Subscriptions made since the last span: what was read before is not due to them. */
  #admit(): void {
    const read = this.#counters.get(this.#readIndex);
    for (const subscription of this.#stream.subscriptions) {
      if (this.#tracked.some((tracked) => tracked.subscription === subscription)) continue;
      this.#tracked.push({ subscription, dueTo: read, hasSpan: false });
    }
  }

  #countScan(subscription: LaneSubscription): void {
    for (const tracked of this.#tracked) {
      if (tracked.subscription === subscription) tracked.hasSpan = true;
    }
    const output = this.#outputIndices.get(subscription.output);
    if (output === undefined) return;
    const { events, filtered, size } = subscription.counts;
    this.#counters.add(this.#layout.outputIndex(output, 'in'), events);
    this.#counters.add(this.#layout.outputIndex(output, 'filtered'), filtered);
    this.#counters.add(this.#layout.outputIndex(output, 'out'), size);
  }

  #count(counter: LaneCounter, amount: number): void {
    this.#counters.add(this.#layout.laneIndex(counter), amount);
  }
}

interface Tracked {
  readonly subscription: LaneSubscription;
  /** The lane's `read` up to which it has been counted as due. */
  dueTo: number;
  /** Whether it was given the span that is being delivered. */
  hasSpan: boolean;
}
