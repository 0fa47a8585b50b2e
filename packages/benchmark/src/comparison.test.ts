import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comparison } from './comparison.ts';
import { figure } from './figure.ts';

const SHARED = { id: 'cost/connections/program/smallest', reads: 'nothing' };

test('a ratio is above 1 where we are better, whichever way better is', () => {
  const sides = { ...SHARED, baseline: 'the smallest', kind: 'peer' as const, unit: 'ns/event' };
  const less = comparison({
    ...sides,
    isLessBetter: true,
    ours: [100, 110, 90],
    theirs: [50, 55, 180],
  });
  assert.equal(less.ratio, 0.5);
  assert.deepEqual(less.spread, [0.5, 2]);
  const more = comparison({ ...sides, isLessBetter: false, ours: [100], theirs: [50], budget: 2 });
  assert.equal(more.ratio, 2);
  assert.equal(more.pass, true);
});

test('a figure is within its budget by the way that is better', () => {
  const bounded = { ...SHARED, unit: 'ms', values: [4, 1, 2], budget: 2 };
  assert.equal(figure({ ...bounded, isLessBetter: true }).pass, true);
  assert.equal(figure({ ...bounded, budget: 1.9, isLessBetter: true }).pass, false);
  assert.equal(figure({ ...bounded, isLessBetter: false }).pass, true);
  assert.equal(figure({ ...bounded, budget: undefined, isLessBetter: false }).pass, undefined);
});

test('what is no number makes no row', () => {
  const sides = { ...SHARED, baseline: 'C', kind: 'peer' as const, unit: 's', isLessBetter: true };
  assert.throws(() => comparison({ ...sides, ours: [0], theirs: [1] }), /Infinity is no figure/);
  assert.throws(
    () => figure({ ...SHARED, unit: 's', isLessBetter: true, values: [1, NaN] }),
    /NaN is no figure/,
  );
});

test('what is told beside a figure makes no ratio', () => {
  const row = figure({
    ...SHARED,
    unit: 'ms',
    values: [0, 0],
    isLessBetter: true,
    beside: { title: 'bare Node', kind: 'self', value: 0 },
  });
  assert.equal(row.ratio, undefined);
  assert.equal(row.baseline, 'bare Node');
  assert.equal(row.baselineValue, 0);
});
