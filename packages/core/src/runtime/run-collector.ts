/*
 * What a collector's thread does: imports the pipeline as a lane does, finds the sink and runs its `collect` to the end. Never rejects: an error that piscina carried across would lose
 * its code. Whatever nobody catches in this thread, a timer of the sink's, fails the collector.
 */
import type { Sink } from '../contracts/sink.ts';
import { inspectPipeline } from '../pipeline/inspect-pipeline.ts';
import { loadPipeline } from '../pipeline/load-pipeline.ts';
import type { CollectorOutcome, CollectorTask } from './collector-task.ts';
import { inlineAccessors } from './inline-accessors.ts';
import { toWireError } from './wire-error.ts';

/** For what lanes that have ended had sent before. */
const LAST_MESSAGES_MS = 1000;

/** The one task of a collector's thread. */
export async function runCollector(task: CollectorTask): Promise<CollectorOutcome> {
  inlineAccessors();
  const { ports, lanesEnded } = task;
  const closePorts = (): void => {
    for (const port of ports) port.close();
  };
  const uncaught = new Promise<never>((_, reject) => {
    process.on('uncaughtException', reject);
    process.on('unhandledRejection', reject);
  });
  try {
    return { report: await Promise.race([collect(task), uncaught]) };
  } catch (error) {
    return { cause: toWireError(error) };
  } finally {
    closePorts();
    lanesEnded.close();
  }
}

async function collect({
  pipelineUrl,
  params,
  output,
  sink,
  lanes,
  ports,
  lanesEnded,
}: CollectorTask): ReturnType<NonNullable<Sink['collect']>> {
  const url = new URL(pipelineUrl);
  const outputs = await inspectPipeline(url, await loadPipeline(url, params));
  const own = outputs[output]?.sinks[sink];
  if (own?.collect === undefined)
    throw new Error(`sink ${sink} of output ${output} does not collect`);
  const report = own.collect({ lanes, ports });
  // Only now: a port that is closed before anybody listens to it would never say so. What its lane has sent comes first; a lane that never had its end leaves it open.
  lanesEnded.on('message', () => {});
  lanesEnded.on('close', () => {
    setTimeout(() => {
      for (const port of ports) port.close();
    }, LAST_MESSAGES_MS).unref();
  });
  return report;
}
