/*
 * What every pass of `sockflow bench` runs: the recording through the command's filters into the work that is measured. In a lane's thread the work is done once before over the recording's
 * beginning. A pipeline module like any user's, so that what is measured is what `sockflow run` does.
 */
import { isMainThread } from 'node:worker_threads';

import { ensureTypeStripping, type PipelineDefinition, type Sink, toObjects } from '@sockflow/core';
import { replay } from '@sockflow/source-replay';

import { applyFilters } from '../pipelines/apply-filters.ts';
import type { BenchParams, BenchWork } from './bench-params.ts';
import { countingSink } from './counting-sink.ts';
import { measuredSource } from './measured-source.ts';
import { readFields } from './read-fields.ts';
import { warmUp } from './warm-up.ts';

type Work = Pick<PipelineDefinition, 'events' | 'sinks'>;

async function benchPipeline(params: BenchParams): Promise<PipelineDefinition> {
  const { recordings, filters, marks, warmUpBytes } = params;
  const makeEvents =
    ({ events }: Work): PipelineDefinition['events'] =>
    (batches) =>
      events(applyFilters(batches, filters));
  if (!isMainThread && warmUpBytes > 0)
    await warmUp(replay(recordings), makeEvents(await makeWork(params.work)), warmUpBytes);
  // Made anew: what the operators keep begins with nothing.
  const work = await makeWork(params.work);
  return {
    source: measuredSource(replay(recordings), marks),
    events: makeEvents(work),
    sinks: work.sinks,
  };
}

async function makeWork(work: BenchWork): Promise<Work> {
  switch (work.kind) {
    case 'fields':
      return { events: (batches) => batches, sinks: [countingSink(readFields)] };
    case 'objects':
      return { events: (batches) => batches.pipe(toObjects()), sinks: [countingSink()] };
    case 'module': {
      const { events, sinks } = await definitionOf(work);
      return { events, sinks: work.hasRealSinks ? sinks : counted(sinks) };
    }
  }
}

/** The command has had it explained before: it is a pipeline. */
async function definitionOf({
  url,
  params,
}: BenchWork & { readonly kind: 'module' }): Promise<PipelineDefinition> {
  ensureTypeStripping();
  const { default: exported } = (await import(url)) as { readonly default: unknown };
  const made: unknown =
    typeof exported === 'function'
      ? await (exported as (params: object) => unknown)(params)
      : exported;
  return made as PipelineDefinition;
}

/** One for each output, whatever it has. */
function counted(sinks: PipelineDefinition['sinks']): PipelineDefinition['sinks'] {
  if (Array.isArray(sinks)) return [countingSink()];
  const names = Object.keys(sinks);
  return Object.fromEntries(
    names.map((name): [string, readonly Sink[]] => [name, [countingSink()]]),
  );
}

export default benchPipeline;
