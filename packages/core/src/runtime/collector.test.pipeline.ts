import type { SinkContext, SinkWriter } from '../contracts/sink.ts';
import { definePipeline } from '../pipeline/define-pipeline.ts';
import type { PipelineDefinition } from '../pipeline/pipeline-definition.ts';
import { memorySource } from './memory-source.test.helper.ts';

/** What the collector of the pipeline's sink does. */
export interface CollectorParams {
  readonly does: 'counts' | 'rejects' | 'rejects-at-once' | 'exits' | 'throws-outside';
}

/** A lane's end: sends how many events it is given, and ends the lane where the collector is gone. */
function openWriter({ lane, collector }: SinkContext): SinkWriter {
  const state = { acknowledged: 0, isGone: false, timesTold: 0 };
  collector?.on('close', () => {
    state.isGone = true;
  });
  const check = (): void => {
    if (state.isGone) throw new Error('the collector is gone');
  };
  return {
    failed: 0,
    get acknowledged() {
      return state.acknowledged;
    },
    write: async (input) => {
      const { size } = input as { size: number };
      state.acknowledged += size;
      collector?.postMessage({ lane, size });
      // So that a port that closes is noticed between two batches.
      await new Promise(setImmediate);
      check();
    },
    advanceTime: () => {
      state.timesTold++;
    },
    flush: check,
    close: () => {
      collector?.close();
      return { warnings: state.timesTold > 0 ? [] : ['was told no time'] };
    },
  };
}

/** Each lane sends how many events it was given; the collector adds them up. */
const pipeline: (params: CollectorParams) => PipelineDefinition | Promise<PipelineDefinition> =
  definePipeline(({ does }: CollectorParams): PipelineDefinition => ({
    source: memorySource({ connections: 32, rounds: 50 }),
    events: (batches) => batches,
    sinks: [
      {
        name: 'adding',
        accepts: 'batches',
        open: openWriter,
        collect: ({ lanes, ports }) =>
          new Promise((resolve, reject) => {
            if (does === 'rejects-at-once') throw new Error('it does not like this');
            const state = { events: 0, open: lanes };
            for (const port of ports) {
              port.on('message', ({ size }: { size: number }) => {
                state.events += size;
                if (does === 'exits') process.exit(3);
                if (does === 'rejects') reject(new RangeError('it has had enough'));
                if (does === 'throws-outside') throw new RangeError('nobody catches this');
              });
              port.on('close', () => {
                state.open--;
                if (state.open === 0) resolve({ location: `${state.events} events` });
              });
            }
          }),
      },
    ],
  }));

export default pipeline;
