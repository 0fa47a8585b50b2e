/* A recording that comes block by block, and holds after some of them, which it tells by `GO.held`, until `GO` lies there: what changes while a run goes on comes between two of its events, however slow the machine is. */
import { existsSync, writeFileSync } from 'node:fs';
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
export interface HeldParams {
  readonly recording: string;
  readonly sink: string;
  readonly goPath: string;
}

/** Some parts of 100 KiB, text or not. */
const BLOCKS_BEFORE = 8;
/** So that what is done on a timer is done between blocks, too; nothing depends on it. */
const PAUSE_MS = 5;
const LOOK_MS = 10;

class Held implements LaneSource {
  readonly #inner: LaneSource;
  readonly #goPath: string;
  #blocks: number;
  #dueMs: number;

  constructor(inner: LaneSource, goPath: string) {
    this.#inner = inner;
    this.#goPath = goPath;
    this.#blocks = 0;
    this.#dueMs = 0;
  }

  next(walkedToWord: number): ReturnType<LaneSource['next']> {
    if (performance.now() < this.#dueMs) return SOURCE_IDLE;
    if (this.#blocks === BLOCKS_BEFORE && this.#isHeld()) return SOURCE_IDLE;
    const given = this.#inner.next(walkedToWord);
    if (typeof given !== 'object') return given;
    this.#blocks += 1;
    this.#dueMs = performance.now() + PAUSE_MS;
    return given;
  }

  #isHeld(): boolean {
    if (existsSync(this.#goPath)) return false;
    writeFileSync(`${this.#goPath}.held`, '');
    return true;
  }

  async wait(maxMs: number): Promise<void> {
    await sleep(Math.min(maxMs, LOOK_MS));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

function held(source: Source, goPath: string): Source {
  return {
    name: source.name,
    reportedOps: source.reportedOps,
    describePushDown: (filter) => source.describePushDown(filter),
    open: (context) => source.open(context),
    openLane: async (context) => new Held(await source.openLane(context), goPath),
  };
}

async function heldPipeline(params: HeldParams): Promise<PipelineDefinition> {
  return definePipeline({
    source: held(replay(params.recording), params.goPath),
    events: (batches) => batches,
    sinks: [await loadSink(params.sink)],
  });
}

export default heldPipeline;
