import assert from 'node:assert/strict';
import { test } from 'node:test';

import { testDocument } from './html-report/document.test.support.ts';
import { resultLine, tableHead } from './result-table.ts';
import { summaryLines } from './summary-lines.ts';

test('says how many budgets were met, which were not, and what is left out', () => {
  const document = testDocument();
  const lines = summaryLines(document);
  const missed = document.results.filter(({ pass }) => pass === false);
  assert.match(lines[0] ?? '', new RegExp(`^4 rows, 1 of them .*, ${missed.length} missed$`));
  for (const { id } of missed) assert.ok(lines.includes(`  missed: ${id}`));
  assert.ok(lines.includes('1 left out'));
  assert.ok(lines.includes('  decode/generated/go: go is not installed'));
  assert.match(lines.at(-1) ?? '', /a valid run$/);
});

test('says loudly that a run is invalid, and why', () => {
  const { load } = testDocument();
  const lines = summaryLines(
    testDocument({ load: { ...load, isValid: false, reasons: ['filter/op: 9 %'] } }),
  );
  assert.match(lines.at(-2) ?? '', /AN INVALID RUN, not to be quoted$/);
  assert.equal(lines.at(-1), '  filter/op: 9 %');
});

test('a naive baseline is marked in its row, and its ratio stands in brackets', () => {
  const [naive, peer] = testDocument().results;
  assert.ok(naive !== undefined && peer !== undefined);
  assert.match(resultLine(naive), /\(30\.00x\).*\(naive\)$/);
  assert.match(resultLine(peer), / 0\.92x +0\.90-0\.95 +0\.90 {2}ok +C -O3 -march=native$/);
  assert.match(tableHead(), /^case +value +baseline +ratio +interval +budget +against$/);
});
