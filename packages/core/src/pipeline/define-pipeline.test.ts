import assert from 'node:assert/strict';
import { test } from 'node:test';

import { map, type Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { Sink } from '../contracts/sink.ts';
import type { Source } from '../contracts/source.ts';
import { filterOp } from '../operators/filter-op.ts';
import { where } from '../operators/where.ts';
import type { RttCbView } from '../schema/generated/view-types.ts';
import { Op } from '../schema/op.ts';
import { definePipeline } from './define-pipeline.ts';
import type { PipelineDefinition, PipelineModule } from './pipeline-definition.ts';

declare const source: Source;
declare const sink: Sink;

/* Never called: what it says is checked by the compiler. */
export function typesOfDefinitions(): readonly PipelineModule[] {
  const one = definePipeline({
    source,
    events: (batches) =>
      batches.pipe(
        filterOp(Op.RTT_CB),
        where((event) => (event.mrttUs ?? 0) > 200_000 && event.remotePort === 443),
      ),
    sinks: [sink],
  });
  const typed: PipelineDefinition<Observable<Batch<RttCbView>>> = one;

  const named = definePipeline({
    source,
    events: (batches) => ({
      rtt: batches.pipe(filterOp(Op.RTT_CB)),
      sizes: batches.pipe(map((batch) => batch.size)),
    }),
    sinks: { rtt: [sink], sizes: [] },
  });

  definePipeline({
    source,
    events: (batches) => ({ rtt: batches, all: batches }),
    // @ts-expect-error -- an output without a list of sinks
    sinks: { rtt: [sink] },
  });

  definePipeline({
    source,
    events: (batches) => ({ rtt: batches }),
    // @ts-expect-error -- named outputs with one list of sinks
    sinks: [sink],
  });

  definePipeline({
    source,
    events: (batches) =>
      batches.pipe(
        filterOp(Op.RTT_CB),
        // @ts-expect-error -- an RTT sample has no old state
        where((event) => event.oldState === 1),
      ),
    sinks: [],
  });

  const made = definePipeline(({ port }: { port: number }) => ({
    source,
    events: (batches) => ({ own: batches.pipe(where((event) => event.remotePort === port)) }),
    sinks: { own: [sink] },
  }));
  const later = definePipeline(async (params: { name?: string }) => {
    await Promise.resolve(params.name);
    return { source, events: (batches: Observable<Batch>) => batches, sinks: [sink] };
  });
  return [typed, named, made, later];
}

test('a definition is what it was, whether an object or a function of the params', () => {
  const make = (): never => {
    throw new Error('not called');
  };
  assert.equal(definePipeline(make), make);
});
