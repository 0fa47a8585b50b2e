import type { Plan } from '../contracts/filter.ts';
import type { Sink } from '../contracts/sink.ts';
import { LaneStream } from '../operators/lane-stream.ts';
import { isPlanned } from '../operators/planned-observable.ts';
import { recordLaterPlans } from '../operators/subscription-context.ts';
import { setLaneScope } from './emit.ts';
import { moduleFailure } from './module-failure.ts';
import { namedOutputs, type NamedOutput } from './named-outputs.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';

/** What is known of one output before any event. */
export interface InspectedOutput {
  readonly name: string;
  readonly sinks: readonly Sink[];
  /** The plan of each subscription to the lane's batches that the output makes. */
  readonly plans: readonly Plan[];
  /** The plans of runs of fused filters behind plain operators, those nearest to the source first. */
  readonly laterPlans: readonly Plan[];
  /** Whether what it delivers is what filters of ours left of the lane's batches, and nothing else. */
  readonly isPlanOnly: boolean;
  /** Whether it delivers batches for sure. */
  readonly deliversBatches: boolean;
}

/**
 * Learns the plans of a pipeline: its outputs are subscribed to a stream that delivers nothing, and unsubscribed at once.
 *
 * @throws what operators of ours refuse (ERR_SOCKFLOW_OP_NOT_REPORTED, ERR_SOCKFLOW_CLOSE_NOT_REPORTED); ERR_SOCKFLOW_PIPELINE_MODULE with what else the
 *   pipeline throws, or sends as an error, while it is subscribed.
 */
export async function inspectPipeline(
  url: URL,
  definition: PipelineDefinition,
): Promise<InspectedOutput[]> {
  const { source } = definition;
  const stream = new LaneStream({ lane: 0, lanes: 1, views: 'reused', source });
  setLaneScope({ emit: () => {} });
  try {
    return namedOutputs(definition, stream.batches).map((output) => inspect(stream, output));
  } catch (error) {
    throw await moduleFailure(url, error, 'when its outputs were subscribed');
  } finally {
    setLaneScope(undefined);
  }
}

function inspect(stream: LaneStream, { name, observable, sinks }: NamedOutput): InspectedOutput {
  let failure: { readonly error: unknown } | undefined;
  let plans: readonly Plan[] = [];
  const others = stream.subscriptions.length;
  stream.beginOutput(name);
  const laterPlans = recordLaterPlans(() => {
    const subscription = observable.subscribe({
      error: (error: unknown) => {
        failure = { error };
      },
    });
    plans = stream.plans.slice(others);
    subscription.unsubscribe();
  });
  if (failure !== undefined) throw failure.error;
  const deliversBatches = isPlanned(observable);
  return {
    name,
    sinks,
    plans,
    laterPlans: laterPlans.toReversed(),
    isPlanOnly: deliversBatches && observable.connect === stream.batches.connect,
    deliversBatches,
  };
}
