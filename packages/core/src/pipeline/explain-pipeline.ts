import type { Source } from '../contracts/source.ts';
import { explainPlan, type PlanExplanation } from '../operators/plan/explain-plan.ts';
import { OP_NAMES } from '../schema/names.ts';
import { checkSinkTargets } from './check-sink-targets.ts';
import { inspectPipeline, type InspectedOutput } from './inspect-pipeline.ts';
import { loadPipeline } from './load-pipeline.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';
import { pipelineUrl } from './pipeline-url.ts';

/** What becomes of one output. */
export interface OutputExplanation {
  readonly name: string;
  readonly sinks: readonly string[];
  /** One for each subscription to the lane's batches: what is pushed down, fused, and can match nothing. */
  readonly subscriptions: readonly PlanExplanation[];
  /** Whether operators that are not filters of ours lie between the source and the sinks. */
  readonly hasPlainOperators: boolean;
}

/** What runs where in a pipeline, known without running it. */
export interface PipelineExplanation {
  readonly source: string;
  /** Names of the ops that the source reports; `undefined`: whatever there is. */
  readonly reportedOps: readonly string[] | undefined;
  readonly outputs: readonly OutputExplanation[];
  /** What the source may leave out, given all subscriptions together. */
  readonly pushDown: string;
  /** What is promised of delivery, and what is outside of the promise. */
  readonly delivery: readonly string[];
  readonly warnings: readonly string[];
}

/** How a pipeline is explained. */
export interface ExplainOptions {
  readonly params?: Readonly<Record<string, unknown>>;
}

/**
 * Says what a pipeline's source, fused filters and plain operators do, output by output. Opens nothing, runs nothing.
 *
 * @throws what a run would refuse before it starts: a module that cannot be loaded, two sinks that write to the same place
 */
export async function explainPipeline(
  pipeline: string | URL,
  { params = {} }: ExplainOptions = {},
): Promise<PipelineExplanation> {
  const url = pipelineUrl(pipeline);
  const definition = await loadPipeline(url, params);
  const inspected = await inspectPipeline(url, definition);
  checkSinkTargets(inspected);
  const outputs = inspected.map((output) => explainOutput(definition, output));
  const { source } = definition;
  return {
    source: source.name,
    reportedOps: source.reportedOps?.map((op) => OP_NAMES[op] ?? `UNKNOWN(${op})`),
    outputs,
    pushDown: pushDownText(outputs),
    delivery: deliveryTexts(source, outputs),
    warnings: pipelineWarnings(outputs),
  };
}

/** What probably is not meant, in words that name the output. */
export function pipelineWarnings(outputs: readonly OutputExplanation[]): string[] {
  return outputs.flatMap(({ name, sinks, subscriptions }) => {
    const warnings = subscriptions.flatMap((subscription) => subscription.warnings);
    if (subscriptions.length === 0)
      warnings.push('does not subscribe to the batches: no event reaches it');
    if (sinks.length === 0 && outputs.length > 1) warnings.push('has no sinks');
    return warnings.map((warning) => `output ${name}: ${warning}`);
  });
}

/** What is said of one output, given what is known of it. */
export function explainOutput(
  { source }: PipelineDefinition,
  { name, sinks, plans, laterPlans, isPlanOnly }: InspectedOutput,
): OutputExplanation {
  const [first, ...others] = plans;
  // Behind several subscriptions nobody can say to which of them a later run belongs: they are told with the first.
  const subscriptions =
    first === undefined
      ? []
      : [
          explainPlan(first, source, laterPlans),
          ...others.map((plan) => explainPlan(plan, source)),
        ];
  return {
    name,
    sinks: sinks.map((sink) => sink.name),
    subscriptions,
    hasPlainOperators: !isPlanOnly,
  };
}

function pushDownText(outputs: readonly OutputExplanation[]): string {
  const subscriptions = outputs.flatMap((output) =>
    output.subscriptions.map((subscription) => ({ name: output.name, subscription })),
  );
  const whole = subscriptions.find(({ subscription }) =>
    subscription.filters.every(({ inSource }) => inSource === undefined),
  );
  if (subscriptions.length === 0) return 'the source leaves out nothing';
  if (whole !== undefined) {
    return `the source leaves out nothing: output ${whole.name} has no filter that it could carry out`;
  }
  if (subscriptions.length === 1)
    return 'the source leaves out only what these filters drop for sure';
  return `the source leaves out only what the filters of all ${subscriptions.length} subscriptions drop`;
}

function deliveryTexts({ isLive }: Source, outputs: readonly OutputExplanation[]): string[] {
  const texts = [
    isLive === true
      ? 'once, and not again: the source is live, and after a failure what the sinks had not durably accepted is lost'
      : 'at least once: after a failure, what the sinks had not durably accepted is read again from the source, where it can be',
    "a connection's events stay in one lane and in order; across connections and lanes there is no order",
  ];
  if (outputs.some(({ hasPlainOperators }) => hasPlainOperators)) {
    texts.push(
      'outside of the promise: state of scanConnections, and events that plain RxJS operators hold (delay, bufferTime); a lane that ends by an error, or a process that is killed, loses them',
    );
  }
  return texts;
}
