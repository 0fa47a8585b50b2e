import type { Subscriber, TeardownLogic } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { Plan, PlanFilter } from '../contracts/filter.ts';
import { PipelineError } from '../errors.ts';
import type { SlotSpan } from '../slot/slot-span.ts';
import { checkSubscription, type CheckedSource } from './plan/check-plan.ts';
import { PlanRunner, type PlanRunnerOptions, type ScanCounts } from './plan/plan-runner.ts';
import { isSameFilter } from './plan/same-filter.ts';
import { PlannedObservable } from './planned-observable.ts';
import type { PressureGate } from './pressure-gate.ts';
import { subscriptionContext } from './subscription-context.ts';

/** A lane's stream: who scans, and for which source. */
export interface LaneStreamOptions extends PlanRunnerOptions {
  /** Plans are checked against it as they are subscribed to. */
  readonly source?: CheckedSource;
}

/** One subscription to a lane's batches. */
export interface LaneSubscription {
  /** The output that was being subscribed when it was made. */
  readonly output: string;
  readonly plan: Plan;
  /** What its last scan walked, kept and dropped. */
  readonly counts: ScanCounts;
  readonly isClosed: boolean;
}

/** What all subscriptions of a lane walk of one span, in events. */
export interface SpanCounts {
  readonly events: number;
  readonly otherLanes: number;
  readonly markers: number;
  readonly damaged: number;
  /** Where the walk ended: before the span's end at a busy slot or at damage. */
  readonly stopWord: number;
}

class Entry implements LaneSubscription {
  readonly output: string;
  readonly plan: Plan;
  readonly runner: PlanRunner;
  readonly subscriber: Subscriber<Batch>;
  readonly gates: readonly PressureGate[];

  constructor(
    output: string,
    plan: Plan,
    options: PlanRunnerOptions,
    subscriber: Subscriber<Batch>,
  ) {
    this.output = output;
    this.plan = plan;
    this.runner = new PlanRunner(plan, options);
    this.subscriber = subscriber;
    this.gates = subscriptionContext().gates;
  }

  get counts(): ScanCounts {
    return this.runner.counts;
  }

  get isClosed(): boolean {
    return this.subscriber.closed;
  }
}

/**
 * The batches of one lane: a hot stream with any number of subscriptions, each with its own plan and its own selection of the same slots.
 *
 *   subscribe every output (beginOutput before each) -> start -> deliver(span)* -> complete or fail
 */
export class LaneStream {
  /** What a pipeline's `events` function is given. */
  readonly batches: PlannedObservable;
  readonly #options: LaneStreamOptions;
  readonly #walker: PlanRunner;
  #entries: readonly Entry[];
  #gates: readonly PressureGate[];
  #output: string;
  /** After start: for each plan of that time, the filters that the source may have pushed down. */
  #pushed: readonly (readonly PlanFilter[])[] | undefined;

  constructor(options: LaneStreamOptions) {
    this.batches = new PlannedObservable((plan, subscriber) => this.#connect(plan, subscriber));
    this.#options = options;
    this.#walker = new PlanRunner([], options);
    this.#entries = [];
    this.#gates = [];
    this.#output = '';
    this.#pushed = undefined;
  }

  /** Subscriptions made from now on are this output's. */
  beginOutput(name: string): void {
    this.#output = name;
  }

  get subscriptions(): readonly LaneSubscription[] {
    return this.#entries;
  }

  /** The plan of each subscription: what goes to the source. */
  get plans(): readonly Plan[] {
    return this.#entries.map((entry) => entry.plan);
  }

  /** The gates of all subscriptions of this moment: while one is closed, the lane must not ask its source for more. */
  get gates(): readonly PressureGate[] {
    return this.#gates;
  }

  /**
   * From now on events may come. `isPushedDown` says of a filter whether the source carries it out: a later subscription that would need what the source may leave out fails.
   */
  start(isPushedDown: (filter: PlanFilter) => boolean): void {
    this.#pushed = this.#entries.map((entry) =>
      entry.plan.filter((filter) => isPushedDown(filter)),
    );
  }

  /**
   * Scans the span once for each subscription and delivers what its plan keeps. An error that a `where` of a plan throws goes to that subscription.
   * `scanned` is told of each subscription between its scan and its delivery.
   */
  deliver(span: SlotSpan, scanned?: (subscription: LaneSubscription) => void): SpanCounts {
    let counts: SpanCounts | undefined;
    for (const entry of this.#entries) {
      if (entry.isClosed) continue;
      const walked = this.#deliverTo(entry, span, counts?.stopWord ?? span.endWord, scanned);
      counts ??= walked;
    }
    return counts ?? this.#walk(span);
  }

  complete(): void {
    for (const entry of this.#entries) entry.subscriber.complete();
  }

  fail(error: unknown): void {
    for (const entry of this.#entries) entry.subscriber.error(error);
  }

  #deliverTo(
    entry: Entry,
    span: SlotSpan,
    endWord: number,
    scanned: ((subscription: LaneSubscription) => void) | undefined,
  ): SpanCounts | undefined {
    const { runner, subscriber } = entry;
    try {
      let batch: Batch;
      try {
        batch = runner.run(span, endWord);
      } catch (error) {
        subscriber.error(error);
        return undefined;
      }
      scanned?.(entry);
      subscriber.next(batch);
    } finally {
      runner.release();
    }
    return spanCounts(runner.counts);
  }

  /** What is in the span where nobody subscribes any more: it is still accounted for. */
  #walk(span: SlotSpan): SpanCounts {
    this.#walker.run(span);
    this.#walker.release();
    return spanCounts(this.#walker.counts);
  }

  #connect(plan: Plan, subscriber: Subscriber<Batch>): TeardownLogic {
    if (this.#pushed !== undefined && !this.#isCovered(plan, this.#pushed)) {
      subscriber.error(
        new PipelineError(
          'ERR_SOCKFLOW_LATE_SUBSCRIPTION',
          'a subscription to the batches of a lane was made after the lane had started, and needs events that the source leaves out',
          {
            details: { output: this.#output },
            remedy:
              'Subscribe in the events function, or share() one subscription, or apply the same filters as the outputs do',
          },
        ),
      );
      return;
    }
    checkSubscription(plan, this.#options.source);
    const entry = new Entry(this.#output, plan, this.#options, subscriber);
    this.#setEntries([...this.#entries, entry]);
    return () => this.#setEntries(this.#entries.filter((other) => other !== entry));
  }

  #setEntries(entries: readonly Entry[]): void {
    this.#entries = entries;
    this.#gates = [...new Set(entries.flatMap((entry) => entry.gates))];
  }

  /** The source leaves out only what every plan drops: a plan that has all pushed filters of one of them loses nothing. */
  #isCovered(plan: Plan, pushed: readonly (readonly PlanFilter[])[]): boolean {
    return (
      pushed.length === 0 ||
      pushed.some((filters) =>
        filters.every((filter) => plan.some((own) => isSameFilter(own, filter))),
      )
    );
  }
}

function spanCounts(counts: ScanCounts): SpanCounts {
  const { events, otherLanes, markerCount, damaged, stopWord } = counts;
  return { events, otherLanes, markers: markerCount, damaged, stopWord };
}
