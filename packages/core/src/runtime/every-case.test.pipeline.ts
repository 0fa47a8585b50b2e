/* The pipelines that tests of the runtime run in real threads, by name: each is imported by URL, so what a test wants is said by params. */
import { setTimeout as sleep } from 'node:timers/promises';

import {
  endWith,
  first,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  type MonoTypeOperatorFunction,
  type Observable,
  retry,
  share,
  Subject,
  take,
  takeUntil,
  tap,
  timer,
} from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import { filterFlags } from '../operators/filter-flags.ts';
import { filterOp } from '../operators/filter-op.ts';
import { mapAsync } from '../operators/map-async.ts';
import { scanConnections } from '../operators/scan-connections.ts';
import { toObjects } from '../operators/to-objects.ts';
import { where } from '../operators/where.ts';
import { definePipeline } from '../pipeline/define-pipeline.ts';
import { emit } from '../pipeline/emit.ts';
import type { PipelineDefinition, PipelineModule } from '../pipeline/pipeline-definition.ts';
import { laneOf } from '../schema/lane-key.ts';
import { Op } from '../schema/op.ts';
import { TcpFlag } from '../schema/tcp-flag.ts';
import { memorySource, type MemorySourceOptions } from './memory-source.test.helper.ts';
import { probeSink, type ProbeSinkOptions } from './probe-sink.test.helper.ts';

export type CaseName =
  | 'all'
  | 'named'
  | 'emits'
  | 'emits-much'
  | 'where-throws'
  | 'map-throws'
  | 'tap-throws-late'
  | 'exits'
  | 'rejects-outside'
  | 'throws-outside'
  | 'eats-memory'
  | 'events-throws'
  | 'takes-three'
  | 'not-reported'
  | 'wrong-sink'
  | 'ticks'
  | 'late'
  | 'late-covered'
  | 'async'
  | 'async-shared'
  | 'async-again'
  | 'emits-views'
  | 'impossible'
  | 'evicts'
  | 'two-sinks'
  | 'ends-early';

export interface CaseParams {
  readonly events: CaseName;
  readonly source?: MemorySourceOptions;
  readonly sink?: ProbeSinkOptions;
}

/** Work that is never done. */
const NEVER = new Promise<number>(() => {});

/** One output with all events, changed by `operate`, and one probe. */
function single(operate: (batches: Observable<Batch>) => Observable<unknown>) {
  return ({ source, sink }: CaseParams): PipelineDefinition => ({
    source: memorySource(source),
    events: operate,
    sinks: [probeSink(sink)],
  });
}

/** Does something in lane 1 only, at its third batch. */
function once(act: () => void): MonoTypeOperatorFunction<Batch> {
  let batches = 0;
  return tap((batch) => {
    const isLaneOne = batch.size > 0 && laneOf(batch.at(0).laneKey, 2) === 1;
    if (isLaneOne && ++batches === 3) act();
  });
}

const CASES: Readonly<Record<CaseName, (params: CaseParams) => PipelineDefinition>> = {
  all: single((batches) => batches),
  named: ({ source }) =>
    definePipeline({
      source: memorySource(source),
      events: (batches) => ({
        rtt: batches.pipe(filterOp(Op.RTT_CB)),
        late: batches.pipe(
          where((event) => (event.sndCwnd ?? 0) > 5),
          toObjects(),
          map((object) => object.cookie),
        ),
      }),
      sinks: {
        rtt: [probeSink({ name: 'rtt-sink', accepts: 'batches' })],
        late: [probeSink({ name: 'late-sink', accepts: 'values' })],
      },
    }),
  emits: ({ source }) =>
    definePipeline({
      source: memorySource(source),
      events: (batches) => batches.pipe(tap((batch) => emit({ size: batch.size }))),
      sinks: [],
    }),
  'emits-much': ({ source }) =>
    definePipeline({
      source: memorySource(source),
      events: (batches) => batches.pipe(tap(() => emit(new Uint8Array(64 * 1024)))),
      sinks: [],
    }),
  'where-throws': single((batches) =>
    batches.pipe(
      where((event) => {
        if (event.sndCwnd === 5) throw new RangeError('five is too many');
        return true;
      }),
    ),
  ),
  'map-throws': single((batches) =>
    batches.pipe(
      once(() => {
        throw new RangeError('a plain operator threw');
      }),
    ),
  ),
  'tap-throws-late': single((batches) => batches.pipe(delayedThrow())),
  exits: single((batches) =>
    batches.pipe(
      once(() => {
        process.exit(3);
      }),
    ),
  ),
  'rejects-outside': single((batches) =>
    batches.pipe(
      once(() => {
        void Promise.reject(new RangeError('nobody awaits this'));
      }),
    ),
  ),
  'throws-outside': single((batches) =>
    batches.pipe(
      once(() => {
        setTimeout(() => {
          throw new RangeError('thrown in a timer');
        }, 1);
      }),
    ),
  ),
  'eats-memory': single((batches) => {
    const kept: unknown[] = [];
    return batches.pipe(
      tap(() => {
        for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
      }),
    );
  }),
  'events-throws': single(() => {
    throw new RangeError('no stream for you');
  }),
  'takes-three': single((batches) => batches.pipe(take(3))),
  'not-reported': single((batches) => batches.pipe(filterOp(Op.TCP_LISTEN_CB))),
  'wrong-sink': single((batches) => batches.pipe(map((batch) => batch.size))),
  ticks: ({ source }) =>
    definePipeline({
      source: memorySource(source),
      events: (batches) => ({
        events: batches,
        ticks: interval(5).pipe(
          takeUntil(batches.pipe(ignoreElements(), endWith(0))),
          tap((tick) => emit({ tick, atMs: performance.now() })),
        ),
      }),
      sinks: { events: [], ticks: [] },
    }),
  late: single(lateSubscription((batches) => batches)),
  'late-covered': single(lateSubscription((batches) => batches.pipe(filterOp(Op.RTT_CB)))),
  async: single((batches) =>
    batches.pipe(
      toObjects(),
      mapAsync(
        async (object) => {
          await sleep(5);
          return object.cookie;
        },
        { concurrency: 4, maxQueuedBytes: 16 * 1024 },
      ),
    ),
  ),
  'async-shared': single((batches) => {
    const shared = batches.pipe(share());
    return merge(
      shared.pipe(mapAsync(async () => 0)),
      shared.pipe(mapAsync(() => NEVER, { concurrency: 1, maxQueuedBytes: 1 })),
    );
  }),
  'async-again': single((batches) => {
    let batchCount = 0;
    return batches.pipe(
      tap(() => {
        if (++batchCount === 1) throw new RangeError('the first time');
      }),
      mapAsync(() => NEVER, { concurrency: 1, maxQueuedBytes: 1 }),
      retry(1),
    );
  }),
  'emits-views': ({ source }) =>
    definePipeline({
      source: memorySource(source),
      events: (batches) =>
        batches.pipe(
          tap((batch) => {
            emit(batch);
            emit(batch.at(0));
          }),
        ),
      sinks: [],
    }),
  impossible: single((batches) =>
    batches.pipe(filterOp(Op.RTT_CB), filterFlags({ tcp: { any: TcpFlag.SYN } })),
  ),
  evicts: single((batches) =>
    batches.pipe(
      scanConnections(
        () => ({ rounds: 0 }),
        (state) => {
          state.rounds++;
        },
        { emitOn: 'close', maxConnections: 6 },
      ),
    ),
  ),
  'ends-early': ({ source }) =>
    definePipeline({
      source: memorySource(source),
      events: (batches) => ({ whole: batches, start: batches.pipe(takeUntil(timer(20))) }),
      sinks: { whole: [], start: [] },
    }),
  'two-sinks': ({ source, sink }) =>
    definePipeline({
      source: memorySource(source),
      events: (batches) => ({ first: batches, second: batches.pipe(filterOp(Op.RTT_CB)) }),
      sinks: {
        first: [probeSink(sink)],
        second: [probeSink({ ...sink, name: 'other' })],
      },
    }),
};

/** Subscribes to RTT samples at once and to `second` after the first batch; the source pushes ops down. */
function lateSubscription(second: (batches: Observable<Batch>) => Observable<unknown>) {
  return (batches: Observable<Batch>): Observable<unknown> =>
    batches.pipe(
      filterOp(Op.RTT_CB),
      first(),
      mergeMap(() => second(batches)),
    );
}

/** Throws in a subscriber of the user's own, where RxJS gives the error to nobody but the event loop. */
function delayedThrow(): MonoTypeOperatorFunction<Batch> {
  const aside = new Subject<Batch>();
  aside.subscribe((batch) => {
    if (batch.size > 0) throw new RangeError('in a subscriber of my own');
  });
  return tap(aside);
}

const pipeline: PipelineModule = (params: CaseParams) => CASES[params.events](params);
export default pipeline;
