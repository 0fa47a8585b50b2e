import { BENCH_SCHEMA, type BenchDocument, type Plot } from '../bench-document.ts';
import type { CaseResult } from '../case-result.ts';
import { figure } from '../figure.ts';

const ROW: CaseResult = {
  id: 'filter/generated/op/c',
  reads: 'op',
  value: 1.2e8,
  unit: 'events/s',
  isLessBetter: false,
  baseline: 'C -O3 -march=native',
  kind: 'peer',
  baselineValue: 1.3e8,
  ratio: 0.92,
  interval: { low: 0.9, high: 0.95, coverage: 0.96 },
  bestRatio: 0.93,
  spread: [0.8, 1.01],
  rounds: 7,
  budget: 0.9,
  pass: true,
};

/** What a user's file might be called. */
export const EVIL = `</script><script>window.hacked=1</script><img src=x onerror="hacked=1">'&`;

const POINTS = [1, 10, 100].map((x) => ({ x, y: x * 2, low: x, high: x * 3 }));

/** One plot of each pair of scales. */
export const PLOTS: readonly Plot[] = (['linear', 'log', 'category'] as const).flatMap((xScale) =>
  (['linear', 'log'] as const).map((yScale) => ({
    id: `plot/${xScale}-${yScale}`,
    title: `Throughput by ${xScale}`,
    x: { label: 'records', scale: xScale },
    y: { label: 'events/s', scale: yScale },
    series: [
      { name: 'ours', points: POINTS },
      { name: EVIL, points: POINTS.map((point) => ({ ...point, x: String(point.x) })).slice(0, 0) },
    ],
  })),
);

/** A document with a row of each kind. */
export function testDocument(changes: Partial<BenchDocument> = {}): BenchDocument {
  return {
    schema: BENCH_SCHEMA,
    startedAt: '2026-11-24T19:00:00.000Z',
    tookS: 12.5,
    version: '0.1.0',
    machine: {
      cpu: 'a processor',
      cores: 2,
      caches: ['L1d 32 KiB'],
      memoryGiB: 8,
      kernel: '6.18',
      node: 'v20.19.0',
      isVirtual: undefined,
      toolchains: { gcc: '12.2' },
    },
    settings: { rounds: 7 },
    load: {
      isValid: true,
      othersRatio: 0.01,
      mostOthersRatio: 0.02,
      stolenRatio: 0,
      reasons: [],
      cases: [{ id: 'filter/op', tookS: 12, othersRatio: 0.02, stolenRatio: 0 }],
    },
    results: [
      { ...ROW, id: 'filter/generated/op/naive', kind: 'naive', ratio: 30, baseline: 'objects' },
      ROW,
      {
        ...ROW,
        id: 'filter/generated/op/rust',
        ratio: 0.7,
        interval: { low: 0.6, high: 0.8, coverage: 0.98 },
        pass: false,
      },
      figure({
        id: 'cost/generated/allocation',
        reads: 'nothing',
        values: [1, 2, 3],
        unit: 'B/event',
        isLessBetter: true,
        budget: 2,
      }),
    ],
    plots: PLOTS,
    leftOut: [{ id: 'decode/generated/go', reason: 'go is not installed' }],
    ...changes,
  };
}
