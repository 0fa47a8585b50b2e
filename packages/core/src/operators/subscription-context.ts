import type { Plan } from '../contracts/filter.ts';
import type { ConnectionCounts } from './connections/connection-counts.ts';
import type { PressureGate } from './pressure-gate.ts';

/**
 * What operators say to whatever they subscribe to, since RxJS has no way from an operator to its source: set around the upstream subscription, read by our observables
 * when they are subscribed to. A subscription made later (`subscribeOn`, an asynchronous `defer`) is outside of it.
 *
 * JS thread only: subscribing is synchronous.
 */
export interface SubscriptionContext {
  /** While one of them is closed, the source asks for no more events. */
  readonly gates: readonly PressureGate[];
  /** Ops that an operator downstream cannot do without. */
  readonly needs: readonly OpNeed[];
  /** Told of the plan of each run of fused filters that is not the source's. */
  readonly onLaterPlan: ((plan: Plan) => void) | undefined;
  /** Told of each gate that an operator holds around its upstream subscription. */
  readonly onGate: ((gate: PressureGate) => void) | undefined;
  /** Given the counters of each operator that keeps connections; they go on counting. */
  readonly onConnectionCounts: ((counts: Readonly<ConnectionCounts>) => void) | undefined;
}

/** An op that an operator needs. */
export interface OpNeed {
  readonly op: number;
  readonly operator: string;
}

let current: SubscriptionContext = {
  gates: [],
  needs: [],
  onLaterPlan: undefined,
  onGate: undefined,
  onConnectionCounts: undefined,
};

/** The context of the subscription that is being made. */
export function subscriptionContext(): SubscriptionContext {
  return current;
}

function within<R>(context: SubscriptionContext, subscribe: () => R): R {
  const outer = current;
  current = context;
  try {
    return subscribe();
  } finally {
    current = outer;
  }
}

/** Runs `subscribe` so that sources subscribed to in it are held back by `gate`. */
export function withGate<R>(gate: PressureGate, subscribe: () => R): R {
  current.onGate?.(gate);
  return within({ ...current, gates: [...current.gates, gate] }, subscribe);
}

/** Runs `subscribe` so that sources subscribed to in it, and plans on the way, are asked for an op. */
export function withNeed<R>(need: OpNeed, subscribe: () => R): R {
  return within({ ...current, needs: [...current.needs, need] }, subscribe);
}

/** Runs `subscribe` and gives the plans of the runs of fused filters behind plain operators, outermost first. */
export function recordLaterPlans(subscribe: () => void): Plan[] {
  const plans: Plan[] = [];
  within({ ...current, onLaterPlan: (plan) => plans.push(plan) }, subscribe);
  return plans;
}

/**
 * Runs `subscribe` and gives the gates of all operators in it: also those that the source is not subscribed through, as it is for the second subscriber of a `share`.
 */
export function recordGates(subscribe: () => void): PressureGate[] {
  const gates: PressureGate[] = [];
  within({ ...current, onGate: (gate) => gates.push(gate) }, subscribe);
  return gates;
}

/** Runs `subscribe` and gives the counters of the operators in it that keep connections. */
export function recordConnectionCounts(subscribe: () => void): Readonly<ConnectionCounts>[] {
  const all: Readonly<ConnectionCounts>[] = [];
  within({ ...current, onConnectionCounts: (counts) => all.push(counts) }, subscribe);
  return all;
}
