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

/** The one task of a collector's thread. */
export async function runCollector(task: CollectorTask): Promise<CollectorOutcome> {
  inlineAccessors();
  const { ports, lanesEnded } = task;
  const closePorts = (): void => {
    for (const port of ports) port.close();
  };
  // A lane that ended before it opened its port leaves it open.
  lanesEnded.on('message', () => {});
  lanesEnded.on('close', closePorts);
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
}: CollectorTask): ReturnType<NonNullable<Sink['collect']>> {
  const url = new URL(pipelineUrl);
  const outputs = await inspectPipeline(url, await loadPipeline(url, params));
  const own = outputs[output]?.sinks[sink];
  if (own?.collect === undefined)
    throw new Error(`sink ${sink} of output ${output} does not collect`);
  return own.collect({ lanes, ports });
}
