import { mapAsync } from '../operators/map-async.ts';
import { toObjects } from '../operators/to-objects.ts';
import { definePipeline } from '../pipeline/define-pipeline.ts';
import type { PipelineDefinition, PipelineModule } from '../pipeline/pipeline-definition.ts';
import { acknowledgedSource, durableSink } from './acknowledged-source.test.helper.ts';
import { memorySource } from './memory-source.test.helper.ts';
import { probeSink } from './probe-sink.test.helper.ts';
import {
  NEVER,
  type StuckSinkOptions,
  type StuckSourceStep,
  stuckSink,
  stuckSource,
} from './stuck.test.helper.ts';

export interface DrainParams {
  readonly sink?: StuckSinkOptions;
  readonly source?: StuckSourceStep;
  /** Ends by itself after so many rounds; else it is endless. */
  readonly rounds?: number;
  /** A second sink beside it. */
  readonly hasProbe?: boolean;
  /** The second sink rejects its first write. */
  readonly probeFails?: boolean;
  /** Asynchronous work that never ends lies between a source that commits and its sink. */
  readonly hasPendingWork?: boolean;
}

const pipeline: PipelineModule = definePipeline((given): PipelineDefinition => {
  const { sink, source, rounds, hasProbe, probeFails, hasPendingWork } = given as DrainParams;
  if (hasPendingWork === true) {
    let count = 0;
    return {
      source: acknowledgedSource({ connections: 4, rounds: 20, slotsPerSpan: 4, staysOpen: true }),
      events: (batches) =>
        batches.pipe(
          toObjects(),
          mapAsync((value): Promise<unknown> => (count++ < 10 ? Promise.resolve(value) : NEVER)),
        ),
      sinks: [durableSink({ durableAfterMs: 0 })],
    };
  }
  const events = memorySource(
    rounds === undefined ? { isEndless: true } : { rounds, slotsPerSpan: 4 },
  );
  return {
    source: source === undefined ? events : stuckSource(events, source),
    events: (batches) => batches,
    sinks: [
      ...(sink === undefined ? [] : [stuckSink(sink)]),
      ...(hasProbe === true ? [probeSink({ isMute: true })] : []),
      ...(probeFails === true ? [probeSink({ isMute: true, rejectsAt: 0 })] : []),
    ],
  };
});
export default pipeline;
