import type { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { Sink } from '../contracts/sink.ts';
import type { Source } from '../contracts/source.ts';

/** Outputs of a pipeline: one, or several by name. */
export type PipelineOutputs = Observable<unknown> | Readonly<Record<string, Observable<unknown>>>;

/** A pipeline: where events come from, what is done with them, where the results go. */
export interface PipelineDefinition<O extends PipelineOutputs = PipelineOutputs> {
  readonly source: Source;
  /**
   * Called once in each lane, and once on the main thread before the lanes start, to learn the plans: there nothing is delivered, and the outputs are unsubscribed at once.
   * `batches` is hot: it starts once every output is subscribed. A run ends when every output has completed, so an output that never does (merged with an
   * `interval`, say) keeps it going.
   */
  readonly events: (batches: Observable<Batch>) => O;
  /** One list of sinks, or one per named output. */
  readonly sinks: O extends Observable<unknown>
    ? readonly Sink[]
    : { readonly [Name in keyof O]: readonly Sink[] };
}

/** What a pipeline module exports as default: a definition, or a function of the run's `params` that gives one. */
export type PipelineModule =
  | PipelineDefinition
  // eslint-disable-next-line typescript/no-explicit-any -- what params a pipeline asks for is its own; the run passes on what it was given
  | ((params: any) => PipelineDefinition | Promise<PipelineDefinition>);
