import {
  type Batch,
  filterKind,
  fromSource,
  inlineAccessors,
  Kind,
  sampleConnections,
} from '@sockflow/core';
import type { Observable } from 'rxjs';

import type { BenchCase, BenchRun } from '../../harness/bench-case.ts';
import { C_TITLE } from '../../harness/c-pass.ts';
import { memorySource } from '../../harness/memory-source.ts';
import {
  type Curve,
  fewPoints,
  sweep,
  type SweepOptions,
  type Swept,
} from '../../harness/sweep.ts';
import { type HeldInput, holdInput, spansOf } from './held-input.ts';
import { countPass, fiveFieldsPass } from './survivors.ts';
import { SweepPeer, type SweepWay } from './sweep-peer.ts';

const ID = 'pipeline/generated/selectivity';
const MOST_BYTES = 2 ** 28;
const MOST_ROUNDS = 7;
const SAMPLE_VALUES = 2 ** 24;
const RATIOS = [0, 0.001, 0.01, 0.1, 0.5, 1] as const;

const COUNT = 'count survivors';
const FIVE = 'read five fields of the survivors';
const WAYS: readonly {
  readonly name: string;
  readonly way: SweepWay;
  readonly title: string;
  readonly prefix: string;
}[] = [
  { name: 'c', way: 'plain', title: C_TITLE, prefix: 'C: ' },
  { name: 'c-four', way: 'four', title: 'C, four at a time', prefix: 'C, four at a time: ' },
];

const TASKS = [
  { task: 'count', curve: COUNT, reads: 'kind, lane key' },
  {
    task: 'five',
    curve: FIVE,
    reads: 'kind, lane key; srtt, cwnd, retransmissions, bytes acked, port of survivors',
  },
] as const;

/** What is gained where few events survive, and what each survivor costs. */
export const selectivity: BenchCase = {
  suite: 'pipeline',
  name: 'selectivity',
  says: 'throughput against the share of events that survive a filter, 0 to 100 %',
  run: runSelectivity,
};

async function runSelectivity(bench: BenchRun): Promise<void> {
  // As lanes do.
  inlineAccessors();
  const input = await holdInput(bench, Math.min(bench.inputBytes, MOST_BYTES));
  const swept = await SweepPeer.with(bench, ID, input, (peer) =>
    sweep(options(bench, input, peer)),
  );
  for (const { x } of points(bench)) report(bench, swept, x);
  bench.plot(swept.plot);
}

function report(bench: BenchRun, swept: Swept<number>, x: string): void {
  for (const { task, curve, reads } of TASKS) {
    for (const { name, title, prefix } of WAYS) {
      const row = swept.row({
        id: `${ID}-${task}-${x.replace(' %', '-percent')}/${name}`,
        reads,
        unit: 'events/s',
        isLessBetter: false,
        baseline: title,
        kind: 'peer',
        curve,
        against: prefix + curve,
        x,
      });
      if (row !== undefined) bench.result(row);
    }
  }
}

function points({ isSmoke }: BenchRun): readonly { readonly x: string; readonly at: number }[] {
  return fewPoints(RATIOS, isSmoke).map((ratio) => ({ x: `${ratio * 100} %`, at: ratio }));
}

function options(
  bench: BenchRun,
  input: HeldInput,
  peer: SweepPeer | undefined,
): SweepOptions<number> {
  return {
    id: ID,
    title: 'Throughput against selectivity',
    x: { label: 'events that survive filterKind and sampleConnections', scale: 'category' },
    y: { label: 'events read per second, one lane, slots in memory', scale: 'log' },
    rounds: Math.min(bench.rounds, MOST_ROUNDS),
    points: points(bench),
    curves: curves(input, peer),
    yOf: (ns) => input.events / (ns / 1e9),
  };
}

function curves(input: HeldInput, peer: SweepPeer | undefined): Curve<number>[] {
  const spans = spansOf(input);
  const survivors = (ratio: number) => (): Observable<Batch> =>
    fromSource(memorySource(spans), { views: 'reused' }).pipe(
      filterKind(Kind.OP),
      sampleConnections(ratio),
    );
  const ofPeer = (curve: string, computes: string, command: string): Curve<number>[] =>
    WAYS.map(({ prefix, way }) => ({
      name: prefix + curve,
      computes,
      pass: (ratio) =>
        peer &&
        (() => peer.pass(`${command} ${Math.round(ratio * SAMPLE_VALUES)} ${input.bytes} 1`, way)),
    }));
  return [
    { name: COUNT, computes: 'count', pass: (ratio) => () => countPass(survivors(ratio)) },
    { name: FIVE, computes: 'five', pass: (ratio) => () => fiveFieldsPass(survivors(ratio)) },
    ...ofPeer(COUNT, 'count', 'sample'),
    ...ofPeer(FIVE, 'five', 'five'),
  ];
}
