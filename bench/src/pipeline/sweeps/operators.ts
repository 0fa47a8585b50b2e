import { type Pass, timedAsync } from '@sockflow/benchmark';
import {
  type Batch,
  type EventObject,
  filterKind,
  fromSource,
  inlineAccessors,
  Kind,
  scanConnections,
} from '@sockflow/core';
import { concatMap, filter, from, map, type Observable } from 'rxjs';

import type { BenchCase, BenchRun } from '../../harness/bench-case.ts';
import { drain } from '../../harness/drain.ts';
import { memorySource } from '../../harness/memory-source.ts';
import { type Curve, fewPoints, sweep } from '../../harness/sweep.ts';
import { type HeldInput, holdInput, spansOf } from './held-input.ts';
import { ROW_OF_OPERATORS } from './row-of-operators.ts';

const ID = 'pipeline/generated/operators';
/* The naive way takes a microsecond or two an event: no more than this, for all alike. */
const MOST_BYTES = 2 ** 25;
const MOST_ROUNDS = 5;
const COUNTS = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;

/** What each operator in a row costs an event. */
export const operators: BenchCase = {
  suite: 'pipeline',
  name: 'operators',
  says: 'time of an event against filters and maps in a row, 0 to 8',
  run: runOperators,
};

async function runOperators(bench: BenchRun): Promise<void> {
  inlineAccessors();
  const input = await holdInput(bench, Math.min(bench.inputBytes, MOST_BYTES));
  const swept = await sweep<number>({
    id: ID,
    title: 'Time of an event against operators in a row',
    x: {
      label: 'operators in a row, each of which drops some events, all eight a quarter',
      scale: 'linear',
    },
    y: { label: 'ns an event, one lane, slots in memory', scale: 'log' },
    rounds: Math.min(bench.rounds, MOST_ROUNDS),
    points: fewPoints(COUNTS, bench.isSmoke).map((count) => ({ x: count, at: count })),
    curves: curves(input),
    yOf: (ns) => ns / input.events,
  });
  bench.plot(swept.plot);
}

function curves(input: HeldInput): Curve<number>[] {
  const spans = spansOf(input);
  const ops = (): Observable<Batch> =>
    fromSource(memorySource(spans), { views: 'reused' }).pipe(filterKind(Kind.OP));
  return [
    {
      name: 'filters, fused into one loop',
      pass: (count) => () =>
        sizes(row(count).reduce((batches, { ofBatches }) => ofBatches(batches), ops())),
    },
    {
      name: 'filters with a map between: a loop each',
      pass: (count) => () =>
        sizes(
          row(count).reduce(
            (batches, { ofBatches }) => ofBatches(batches.pipe(map((batch) => batch))),
            ops(),
          ),
        ),
    },
    {
      name: 'map of batches',
      computes: 'all',
      pass: (count) => () =>
        sizes(row(count).reduce((batches) => batches.pipe(map((batch) => batch)), ops())),
    },
    {
      name: 'scanConnections (one)',
      computes: 'all',
      pass: (count) => (count === 1 ? () => connections(ops()) : undefined),
    },
    {
      name: 'naive: an object each, RxJS filter each',
      pass: (count) => () => naive(ops(), count),
    },
  ];
}

function row(count: number): typeof ROW_OF_OPERATORS {
  return ROW_OF_OPERATORS.slice(0, count);
}

function sizes(batches: Observable<Batch>): Promise<Pass> {
  return timedAsync(async () => {
    let count = 0;
    await drain(batches, (batch) => {
      count += batch.size;
    });
    return String(count);
  });
}

function connections(batches: Observable<Batch>): Promise<Pass> {
  const counted = scanConnections(
    () => ({ events: 0 }),
    (state) => void state.events++,
    { emitOn: 'close' },
  );
  return timedAsync(async () => {
    let count = 0;
    await drain(counted(batches), ({ state }) => {
      count += state.events;
    });
    return String(count);
  });
}

function naive(batches: Observable<Batch>, filters: number): Promise<Pass> {
  return timedAsync(async () => {
    let count = 0;
    const events = row(filters).reduce(
      (kept, { ofObject }) => kept.pipe(filter(ofObject)),
      batches.pipe(concatMap((batch): Observable<EventObject> => from(batch.toObjects()))),
    );
    await drain(events, () => count++);
    return String(count);
  });
}
