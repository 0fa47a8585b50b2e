import { Observable, type Subscriber, type TeardownLogic } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { Plan, PlanFilter } from '../contracts/filter.ts';
import type { EventView } from '../schema/generated/view-types.ts';

/** What a planned observable does at subscription: deliver batches of what the plan keeps. */
export type PlanConnect = (plan: Plan, subscriber: Subscriber<Batch>) => TeardownLogic;

/**
 * An Observable of batches that carries the filters applied so far. An operator of ours applied to it gives another with one filter more; at subscription they are one loop.
 * Any other operator gives an ordinary Observable, and so ends the run of fused filters.
 *
 * It inherits, against the rule, because only an Observable has `pipe`.
 */
export class PlannedObservable<E extends EventView = EventView> extends Observable<Batch<E>> {
  readonly plan: Plan;
  readonly connect: PlanConnect;

  constructor(connect: PlanConnect, plan: Plan = []) {
    super((subscriber) => connect(plan, subscriber));
    this.plan = plan;
    this.connect = connect;
  }

  withFilter(filter: PlanFilter): PlannedObservable {
    return new PlannedObservable(this.connect, [...this.plan, filter]);
  }
}

/** Whether an observable carries a plan; of another copy of this package too. */
export function isPlanned(source: Observable<unknown>): source is PlannedObservable {
  return 'plan' in source && 'withFilter' in source && typeof source.withFilter === 'function';
}
