/*
 * Entry of a lane's thread, and of a collector's (run-collector.ts). A lane's imports the pipeline, runs one Lane to its end and hands back how it ended, as data. What nobody catches in this thread ends the lane
 * as an error in the pipeline would: its sinks are still flushed and closed.
 */
import { loadPipeline } from '../pipeline/load-pipeline.ts';
import { ownPlace, ownPlaceText } from '../pipeline/own-place.ts';
import { inlineAccessors } from './inline-accessors.ts';
import { PublishedCounters } from './lane-counters.ts';
import type { LaneFailure } from './lane-failure.ts';
import { toLaneOutcome } from './lane-outcome.ts';
import type { LaneOutcome, LaneTask } from './lane-task.ts';
import { Lane } from './lane.ts';
import { LedgerLayout } from './layout.ts';
import { ResultsSender } from './results-channel.ts';
import { StartLine } from './start-line.ts';

export { runCollector } from './run-collector.ts';

/** The one task of a lane's thread. Never rejects: an error that piscina carried across would lose its code. */
export async function runLane(task: LaneTask): Promise<LaneOutcome> {
  inlineAccessors();
  try {
    return await runOpenLane(task);
  } finally {
    // Of a sink that was not opened, or did not close its port: its collector waits for that.
    for (const { port } of task.collectors) port.close();
  }
}

async function runOpenLane(task: LaneTask): Promise<LaneOutcome> {
  let lane: Lane;
  try {
    lane = await createLane(task);
  } catch (error) {
    task.results.close();
    const failure = { place: { phase: 'start' }, cause: error } as const;
    return toLaneOutcome({
      lane: task.lane,
      failure,
      isSourceExhausted: false,
      sinks: [],
      evictedConnections: {},
      emitted: 0,
    });
  }
  const fail = (error: unknown): void => lane.failed({ phase: 'outside' }, error);
  // For the thread's whole life: what a timer of the pipeline throws when the lane has ended must not turn its end into a death.
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  task.results.on('message', () => lane.giveUp());
  const report = await lane.run();
  if (report.failure === undefined) return toLaneOutcome(report);
  return toLaneOutcome({ ...report, failure: located(new URL(task.pipelineUrl), report.failure) });
}

/** The failure with the line of the user's own code that threw, where it was one. */
function located(pipelineUrl: URL, { place, cause }: LaneFailure): LaneFailure {
  const own = ownPlace(pipelineUrl, cause);
  return own === undefined
    ? { place, cause }
    : { place: { ...place, at: ownPlaceText(own) }, cause };
}

async function createLane(task: LaneTask): Promise<Lane> {
  const definition = await loadPipeline(new URL(task.pipelineUrl), task.params);
  const { lane, lanes, laneData, views, control, collectors } = task;
  const layout = new LedgerLayout(task.shape);
  return new Lane({
    lane,
    lanes,
    definition,
    laneData,
    views,
    layout,
    control,
    counters: new PublishedCounters(control, layout.counterCount),
    results: new ResultsSender(task.results, control),
    startLine: new StartLine(task.startLine),
    collectors,
  });
}
