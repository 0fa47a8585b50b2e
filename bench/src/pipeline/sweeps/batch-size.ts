import {
  type Batch,
  filterFlags,
  filterKind,
  filterOp,
  fromSource,
  inlineAccessors,
  Kind,
} from '@sockflow/core';
import type { Observable } from 'rxjs';

import type { BenchCase, BenchRun } from '../../harness/bench-case.ts';
import { ANY_CB, OP_MASK, OPS } from '../../harness/bench-filter.ts';
import { memorySource } from '../../harness/memory-source.ts';
import { type Curve, fewPoints, sweep } from '../../harness/sweep.ts';
import { cacheSizes } from './cache-sizes.ts';
import { type HeldInput, holdInput, spansOfSlots } from './held-input.ts';
import { countPass, fiveFieldsPass } from './survivors.ts';
import { SweepPeer, type SweepWay } from './sweep-peer.ts';

const ID = 'pipeline/generated/batch-size';
const MOST_BYTES = 2 ** 28;
const MOST_ROUNDS = 7;
const SIZES = [64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536] as const;
/** All connections: `sample` of sweep.c below this keeps every op event. */
const ALL = 2 ** 24;

/** What a batch costs by itself, and whether its slots are still in a cache when they are read the second time. */
export const batchSize: BenchCase = {
  suite: 'pipeline',
  name: 'batch-size',
  says: 'throughput against the events of a batch, 64 to 65,536',
  run: runBatchSize,
};

async function runBatchSize(bench: BenchRun): Promise<void> {
  inlineAccessors();
  const input = await holdInput(bench, Math.min(bench.inputBytes, MOST_BYTES));
  const sizes = fewPoints(SIZES, bench.isSmoke);
  const swept = await SweepPeer.with(bench, ID, input, (peer) =>
    sweep<number>({
      id: ID,
      title: 'Throughput against batch size',
      x: {
        label: `events in a batch (C has none), a slot of 256 bytes each; ${cacheSizes()}`,
        scale: 'log',
      },
      y: { label: 'events read per second, one lane, slots in memory', scale: 'log' },
      rounds: Math.min(bench.rounds, MOST_ROUNDS),
      points: sizes.map((size) => ({ x: size, at: size })),
      curves: curves(input, peer),
      yOf: (ns) => input.events / (ns / 1e9),
    }),
  );
  bench.plot(swept.plot);
}

function curves(input: HeldInput, peer: SweepPeer | undefined): Curve<number>[] {
  const cut = new Map<number, ReturnType<typeof spansOfSlots>>();
  const batches = (size: number): Observable<Batch> => {
    const spans = cut.get(size) ?? spansOfSlots(input, size);
    cut.set(size, spans);
    return fromSource(memorySource(spans), { views: 'reused' });
  };
  const filtered = (size: number) => (): Observable<Batch> =>
    batches(size).pipe(filterOp(...OPS), filterFlags({ cb: { any: ANY_CB } }));
  const ops = (size: number) => (): Observable<Batch> => batches(size).pipe(filterKind(Kind.OP));
  const ofPeer = (
    name: string,
    computes: string,
    command: string,
    way: SweepWay,
  ): Curve<number> => ({
    name,
    computes,
    pass: () => peer && (() => peer.pass(`${command} ${input.bytes} 1`, way)),
  });
  return [
    {
      name: 'filter by op and flags, count',
      computes: 'scan',
      pass: (size) => () => countPass(filtered(size)),
    },
    {
      name: 'read five fields of every event',
      computes: 'five',
      pass: (size) => () => fiveFieldsPass(ops(size)),
    },
    ...(['plain', 'four'] as const).flatMap((way) => {
      const c = way === 'plain' ? 'C' : 'C, four at a time';
      return [
        ofPeer(`${c}: filter by op and flags, count`, 'scan', `scan ${OP_MASK} ${ANY_CB}`, way),
        ofPeer(`${c}: read five fields of every event`, 'five', `five ${ALL}`, way),
      ];
    }),
  ];
}
