import type { Observable, Subscriber } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import { defaultViewMode, type ViewMode } from '../batch/view-mode.ts';
import type { Plan } from '../contracts/filter.ts';
import type { LaneCounters } from '../contracts/ledger.ts';
import {
  type LaneSource,
  type OpenSource,
  type Source,
  SOURCE_END,
  SOURCE_IDLE,
} from '../contracts/source.ts';
import { EventLoopYield } from '../slot/waiting/event-loop-yield.ts';
import { Turnstile } from '../slot/waiting/turnstile.ts';
import { ClockedLane } from './clocked-lane.ts';
import { checkSubscription } from './plan/check-plan.ts';
import { PlanRunner } from './plan/plan-runner.ts';
import { PlannedObservable } from './planned-observable.ts';
import { closedGate, type PressureGate } from './pressure-gate.ts';
import { subscriptionContext } from './subscription-context.ts';

/** How a source is read in-process. */
export interface FromSourceOptions {
  readonly views?: ViewMode;
  /** Whether the source may leave out what the plan drops; default true. The events are the same. */
  readonly pushDown?: boolean;
  /** Where to count; default: nowhere. */
  readonly counters?: LaneCounters;
}

const IDLE_WAIT_MS = 50;
const NO_COUNTERS: LaneCounters = { add: () => {} };

/**
 * Reads a source in this thread, as one lane: a cold observable, each subscription reads from the start. The same operators as in a lane, without workers. Completes
 * at the source's end; a live source is stopped and closed when its subscriber leaves, and what it says then is heard by nobody.
 *
 * @throws ERR_SOCKFLOW_OP_NOT_REPORTED to the subscriber, where the plan filters for an op that the source does not report.
 */
export function fromSource(source: Source, options: FromSourceOptions = {}): Observable<Batch> {
  return new PlannedObservable((plan, subscriber) => {
    const { gates } = subscriptionContext();
    checkSubscription(plan, source);
    void read(source, plan, options, subscriber, gates).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  });
}

async function read(
  source: Source,
  plan: Plan,
  options: FromSourceOptions,
  subscriber: Subscriber<Batch>,
  gates: readonly PressureGate[],
): Promise<void> {
  const opened = await source.open({ lanes: 1, plans: pushedPlans(plan, options) });
  await thenClose(
    async () => {
      const lane = await openLane(source, opened, plan, options);
      await thenClose(
        async () => {
          if (!subscriber.closed) await opened.start?.();
          await pump(new ClockedLane(lane), plan, options, subscriber, gates);
        },
        () => lane.close(),
      );
    },
    () => closeSource(opened),
  );
}

/** Closes in any case; of two failures the first is told. */
async function thenClose(act: () => Promise<void>, close: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
  await close();
}

function closeSource(opened: OpenSource): Promise<void> {
  return thenClose(
    async () => {
      await opened.stop?.();
    },
    () => opened.close(),
  );
}

function pushedPlans(plan: Plan, options: FromSourceOptions): readonly Plan[] {
  return options.pushDown === false ? [] : [plan];
}

function openLane(
  source: Source,
  opened: OpenSource,
  plan: Plan,
  options: FromSourceOptions,
): Promise<LaneSource> {
  return source.openLane({
    lane: 0,
    lanes: 1,
    laneData: structuredClone(opened.laneData(0)),
    plans: pushedPlans(plan, options),
    counters: options.counters ?? NO_COUNTERS,
  });
}

async function pump(
  lane: LaneSource,
  plan: Plan,
  options: FromSourceOptions,
  subscriber: Subscriber<Batch>,
  gates: readonly PressureGate[],
): Promise<void> {
  const views = options.views ?? defaultViewMode();
  const counters = options.counters ?? NO_COUNTERS;
  const runner = new PlanRunner(plan, { lane: 0, lanes: 1, views });
  const turn = new EventLoopYield();
  // Who unsubscribes does not wait for an idle source, nor for a gate that nobody opens.
  const waiting = new Turnstile();
  subscriber.add(() => waiting.break());
  let walkedToWord = 0;
  while (!subscriber.closed) {
    for (let gate = closedGate(gates); gate !== undefined; gate = closedGate(gates)) {
      await waiting.wait(gate.opened);
      if (subscriber.closed) return;
    }
    const span = lane.next(walkedToWord);
    if (span === SOURCE_END) return;
    if (span === SOURCE_IDLE) {
      await waiting.wait(lane.wait(IDLE_WAIT_MS));
      continue;
    }
    try {
      const batch = runner.run(span);
      counters.add('read', runner.counts.events);
      counters.add('markers', runner.counts.markerCount);
      counters.add('bad', runner.counts.damaged);
      walkedToWord = runner.counts.stopWord;
      subscriber.next(batch);
    } finally {
      runner.release();
    }
    if (turn.isDue) await turn.yield();
  }
}
