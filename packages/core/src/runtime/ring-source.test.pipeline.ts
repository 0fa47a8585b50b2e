import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { ringSource } from '../contracts/ring-source.ts';
import { definePipeline } from '../pipeline/define-pipeline.ts';
import type { PipelineModule } from '../pipeline/pipeline-definition.ts';
import { probeSink } from './probe-sink.test.helper.ts';
import type { FeedJob } from './ring-feed.test.worker.ts';

export interface FeedParams {
  readonly rounds: number;
  readonly diesAtRound?: number;
}

/** A producer in a thread of its own, its rings of 16 slots, all its events to a probe. */
const pipeline: PipelineModule = definePipeline((given) => {
  const { rounds, diesAtRound } = given as unknown as FeedParams;
  return {
    source: ringSource({
      name: 'feed',
      capacityBytes: 4096,
      start(rings) {
        const worker = new Worker(new URL('./ring-feed.test.worker.js', import.meta.url), {
          workerData: { rings, rounds, diesAtRound } satisfies FeedJob,
        });
        return {
          origin: { id: 'feed-boot', hz: 250 },
          done: once(worker, 'exit'),
          stop: async () => {
            await worker.terminate();
          },
        };
      },
    }),
    events: (batches) => batches,
    sinks: [probeSink({})],
  };
});
export default pipeline;
