/* A recording that comes block by block, with pauses: what changes while a run goes on comes between two of its events. */
import { setTimeout as sleep } from 'node:timers/promises';

import {
  definePipeline,
  type LaneSource,
  loadSink,
  type PipelineDefinition,
  replay,
  type Source,
  SOURCE_IDLE,
} from 'sockflow';

/** As `--param` gives them. */
export interface TrickleParams {
  readonly recording: string;
  readonly sink: string;
  readonly pauseMs: string;
}

class Trickle implements LaneSource {
  readonly #inner: LaneSource;
  readonly #pauseMs: number;
  #dueMs: number;

  constructor(inner: LaneSource, pauseMs: number) {
    this.#inner = inner;
    this.#pauseMs = pauseMs;
    this.#dueMs = 0;
  }

  next(walkedToWord: number): ReturnType<LaneSource['next']> {
    if (performance.now() < this.#dueMs) return SOURCE_IDLE;
    const given = this.#inner.next(walkedToWord);
    if (typeof given === 'object') this.#dueMs = performance.now() + this.#pauseMs;
    return given;
  }

  async wait(maxMs: number): Promise<void> {
    await sleep(Math.max(1, Math.min(maxMs, this.#dueMs - performance.now())));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

function trickle(source: Source, pauseMs: number): Source {
  return {
    name: source.name,
    reportedOps: source.reportedOps,
    describePushDown: (filter) => source.describePushDown(filter),
    open: (context) => source.open(context),
    openLane: async (context) => new Trickle(await source.openLane(context), pauseMs),
  };
}

async function tricklePipeline(params: TrickleParams): Promise<PipelineDefinition> {
  return definePipeline({
    source: trickle(replay(params.recording), Number(params.pauseMs)),
    events: (batches) => batches,
    sinks: [await loadSink(params.sink)],
  });
}

export default tricklePipeline;
