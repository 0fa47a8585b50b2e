import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { BenchDocument } from '../bench-document.ts';
import type { CaseResult } from '../case-result.ts';
import { comparison } from '../comparison.ts';
import { figure } from '../figure.ts';
import { testDocument } from '../html-report/document.test.support.ts';
import { changesText } from './changes-text.ts';
import { compareDocuments } from './compare-documents.ts';

/* Ours at 1 M events/s, or however slow the machine is; the baseline so that the ratios are as said. */
function row(id: string, ratios: readonly number[], budget?: number, perSec = 1e6): CaseResult {
  return comparison({
    id,
    reads: 'op',
    unit: 'events/s',
    isLessBetter: false,
    baseline: 'C',
    kind: 'peer',
    ours: ratios.map((ratio) => ratio * perSec),
    theirs: ratios.map(() => perSec),
    budget,
  });
}

function document(
  results: readonly CaseResult[],
  changes: Partial<BenchDocument> = {},
): BenchDocument {
  return testDocument({ results, leftOut: [], ...changes });
}

const STEADY = [1, 1.01, 0.99, 1.02, 0.98, 1];

test('a ratio that fell below what it was is worse, however fast the machine is', () => {
  const before = document([row('filter/a/op/c', STEADY), row('filter/a/op/go', STEADY)]);
  const halved = STEADY.map((ratio) => ratio / 2);
  const after = document([
    row('filter/a/op/c', STEADY, undefined, 5e5),
    row('filter/a/op/go', halved, undefined, 9e6),
  ]);
  const changes = compareDocuments(before, after);
  assert.deepEqual(
    changes.ratios.map(({ id, verdict }) => [id, verdict]),
    [
      ['filter/a/op/go', 'worse'],
      ['filter/a/op/c', 'same'],
    ],
  );
  assert.equal(changes.isWorse, true);
  assert.match(
    changesText(changes),
    /^filter\/a\/op\/go +1\.00x 0\.98-1\.02 +0\.50x 0\.49-0\.51 +-50 % {2}worse$/m,
  );
  const back = compareDocuments(after, before);
  assert.equal(back.ratios.at(-1)?.verdict, 'better');
  assert.equal(back.isWorse, false);
});

test('intervals that overlap are no change, and neither is one within the tolerance', () => {
  const before = document([row('filter/a/op/c', STEADY)]);
  const wide = document([row('filter/a/op/c', [0.4, 0.5, 0.6, 0.7, 0.8, 1.5])]);
  assert.equal(compareDocuments(before, wide).ratios[0]?.verdict, 'same');
  const slightly = document([
    row(
      'filter/a/op/c',
      STEADY.map((ratio) => ratio * 0.955),
    ),
  ]);
  assert.equal(compareDocuments(before, slightly).ratios[0]?.verdict, 'same');
  const changes = compareDocuments(before, slightly, { toleranceRatio: 0.04 });
  assert.equal(changes.ratios[0]?.verdict, 'worse');
});

test('of fewer than six rounds a ratio cannot be told from another, but by the best pass', () => {
  const id = 'filter/a/op/c';
  const [before, after] = [document([row(id, [1])]), document([row(id, [0.5])])];
  for (const changes of [
    compareDocuments(before, after),
    compareDocuments(document([row(id, STEADY)]), after),
    compareDocuments(before, document([row(id, STEADY)])),
  ]) {
    assert.equal(changes.ratios[0]?.verdict, 'unknown');
    assert.equal(changes.isWorse, false);
    assert.match(changesText(changes), /0 the same, 1 of too few rounds to tell;/);
  }
  assert.equal(compareDocuments(before, after, { by: 'best' }).ratios[0]?.verdict, 'worse');
});

test('a run that was interrupted is not to be relied on', () => {
  const { invalid } = compareDocuments(document([]), document([], { isInterrupted: true }));
  assert.deepEqual(invalid, ['after: it was interrupted']);
});

test('a row that is missing without a reason is worse; with one, or where its case is left out, it is told', () => {
  const before = document([row('kafka/json/gain/c', STEADY), row('filter/a/op/go', STEADY)]);
  assert.equal(compareDocuments(before, document([])).isWorse, true);
  const leftOut = [
    { id: 'kafka/gain', reason: 'needs Java' },
    { id: 'filter/a/op/go', reason: 'needs Go' },
  ];
  const changes = compareDocuments(before, document([], { leftOut }));
  assert.deepEqual(changes.missing, [
    { id: 'kafka/json/gain/c', reason: 'needs Java' },
    { id: 'filter/a/op/go', reason: 'needs Go' },
  ]);
  assert.equal(changes.isWorse, false);
  assert.match(changesText(changes), /^missing: filter\/a\/op\/go: needs Go$/m);
});

test('new rows are told, and are no fault', () => {
  const changes = compareDocuments(document([]), document([row('filter/a/op/c', STEADY)]));
  assert.deepEqual(changes.added, ['filter/a/op/c']);
  assert.equal(changes.isWorse, false);
});

test('a budget that is missed anew is worse, of a figure without a ratio, too', () => {
  const cost = (value: number): CaseResult =>
    figure({
      id: 'cost/a/allocation',
      reads: 'all',
      unit: 'B/event',
      isLessBetter: true,
      values: [value],
      budget: 1,
    });
  const changes = compareDocuments(document([cost(0.5)]), document([cost(2)]));
  assert.deepEqual(changes.newlyMissed, ['cost/a/allocation']);
  assert.equal(changes.isWorse, true);
  assert.equal(compareDocuments(document([cost(2)]), document([cost(3)])).isWorse, false);
});

test('tells what is different about the machines, and which run is invalid', () => {
  const before = document([]);
  const after = document([], {
    machine: {
      ...before.machine,
      cores: 64,
      toolchains: { ...before.machine.toolchains, go: '1.26' },
    },
    settings: { rounds: 3 },
    load: { ...before.load, isValid: false, reasons: ['filter/op: others had 9.0 %'] },
  });
  const { differences, invalid } = compareDocuments(before, after);
  assert.deepEqual(differences, [
    'cores: 2 -> 64',
    'setting rounds: 7 -> 3',
    'toolchain go: none -> 1.26',
  ]);
  assert.deepEqual(invalid, ['after: filter/op: others had 9.0 %']);
});

test('by the best pass of each side, what others on the machine did to the rest says nothing', () => {
  const id = 'filter/a/op/c';
  const before = document([row(id, STEADY)]);
  const disturbed = document([row(id, [0.2, 0.3, 0.4, 0.2, 0.3, 0.95])]);
  assert.equal(compareDocuments(before, disturbed).ratios[0]?.verdict, 'worse');
  const best = compareDocuments(before, disturbed, { by: 'best', toleranceRatio: 0.1 });
  assert.equal(best.ratios[0]?.verdict, 'same');
  const halved = document([row(id, [0.2, 0.3, 0.4, 0.2, 0.3, 0.5])]);
  const worse = compareDocuments(before, halved, { by: 'best', toleranceRatio: 0.1 });
  assert.equal(worse.ratios[0]?.verdict, 'worse');
});

test('compares only what is asked for', () => {
  const before = document([row('filter/a/op/c', STEADY), row('kafka/a/op/c', STEADY)]);
  const changes = compareDocuments(before, document([]), {
    only: (id) => id.startsWith('filter/'),
  });
  assert.deepEqual(
    changes.missing.map(({ id }) => id),
    ['filter/a/op/c'],
  );
});
