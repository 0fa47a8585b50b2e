import type { Plan } from '../contracts/filter.ts';
import type { Sink } from '../contracts/sink.ts';
import { isPlanned, PlannedObservable } from '../operators/planned-observable.ts';
import { setLaneScope } from './emit.ts';
import { namedOutputs } from './named-outputs.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';

/** What is known of one output before any event. */
export interface InspectedOutput {
  readonly name: string;
  readonly sinks: readonly Sink[];
  /** The plan of each subscription to the lane's batches that the output makes. */
  readonly plans: readonly Plan[];
  /** Whether what it delivers is what filters of ours left of the lane's batches, and nothing else. */
  readonly isPlanOnly: boolean;
  /** Whether it delivers batches for sure. */
  readonly deliversBatches: boolean;
}

/**
 * Learns the plans of a pipeline: its outputs are subscribed to a stream that delivers nothing, and unsubscribed at once.
 *
 * @throws what the pipeline throws, or sends as an error, while it is subscribed.
 */
export function inspectPipeline(definition: PipelineDefinition): InspectedOutput[] {
  let plans: Plan[] = [];
  const batches = new PlannedObservable((plan) => {
    plans.push(plan);
  });
  setLaneScope({ emit: () => {} });
  try {
    return namedOutputs(definition, batches).map(({ name, observable, sinks }) => {
      plans = [];
      let failure: { readonly error: unknown } | undefined;
      const subscription = observable.subscribe({
        error: (error: unknown) => {
          failure = { error };
        },
      });
      subscription.unsubscribe();
      if (failure !== undefined) throw failure.error;
      const deliversBatches = isPlanned(observable);
      return {
        name,
        sinks,
        plans,
        isPlanOnly: deliversBatches && observable.connect === batches.connect,
        deliversBatches,
      };
    });
  } finally {
    setLaneScope(undefined);
  }
}
