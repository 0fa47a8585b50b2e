import type { Observable, Subscriber, TeardownLogic } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { Plan, PlanFilter } from '../contracts/filter.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import { checkSubscription } from './plan/check-plan.ts';
import { ShrinkRunner } from './plan/shrink-runner.ts';
import { isPlanned, PlannedObservable } from './planned-observable.ts';
import { subscriptionContext } from './subscription-context.ts';

/** Delivers what the plan keeps of batches that are already there, each subscription with a selection of its own. */
function connectShrink(
  source: Observable<Batch>,
  plan: Plan,
  subscriber: Subscriber<Batch>,
): TeardownLogic {
  subscriptionContext().onLaterPlan?.(plan);
  checkSubscription(plan, undefined);
  const runner = new ShrinkRunner(plan);
  return source.subscribe({
    next: (batch) => {
      let shrunk: Batch;
      try {
        shrunk = runner.run(batch);
      } catch (error) {
        subscriber.error(error);
        return;
      }
      try {
        subscriber.next(shrunk);
      } finally {
        runner.release();
      }
    },
    error: (error: unknown) => subscriber.error(error),
    complete: () => subscriber.complete(),
  });
}

/**
 * The operator of one filter: added to the plan of an observable that has one, a plan of its own on any other. Its callers give it its type.
 */
export function applyFilter<From extends EventView, To extends EventView>(
  filter: PlanFilter,
): (source: Observable<Batch<From>>) => Observable<Batch<To>> {
  return (source) => {
    const batches = source as Observable<unknown> as Observable<Batch>;
    const planned = isPlanned(batches)
      ? batches.withFilter(filter)
      : new PlannedObservable(
          (plan, subscriber) => connectShrink(batches, plan, subscriber),
          [filter],
        );
    return planned as Observable<unknown> as Observable<Batch<To>>;
  };
}
