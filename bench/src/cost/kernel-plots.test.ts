import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comparison } from '@sockflow/benchmark';

import { kernelPlots } from './kernel-plots.ts';

const ROW = {
  reads: 'time',
  unit: 'ns/event',
  isLessBetter: true,
  baseline: 'the smallest program',
  kind: 'peer',
  ours: [300, 310],
  theirs: [200, 210],
} as const;

test('draws the rows of the kernel program and of the application, and no others', () => {
  const plots = kernelPlots([
    comparison({ ...ROW, id: 'cost/connections/program/smallest' }),
    comparison({ ...ROW, id: 'cost/rtt-raw/program/smallest' }),
    comparison({ ...ROW, id: 'cost/requests/application-raw/without', isLessBetter: false }),
    comparison({ ...ROW, id: 'cost/idle/run/bare' }),
  ]);
  assert.deepEqual(
    plots.map(({ id, series }) => [id, series.map(({ points }) => points.length)]),
    [
      ['cost/kernel/program', [2, 2]],
      ['cost/kernel/application', [1]],
    ],
  );
  const [ours, smallest] = plots[0]?.series ?? [];
  assert.deepEqual([ours?.points[0]?.y, smallest?.points[0]?.y], [305, 205]);
  assert.deepEqual(kernelPlots([]), []);
});
