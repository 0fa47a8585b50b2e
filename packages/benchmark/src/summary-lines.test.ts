import assert from 'node:assert/strict';
import { test } from 'node:test';

import { budgetVerdict } from './budget-verdict.ts';
import type { CaseResult } from './case-result.ts';
import { testDocument } from './html-report/document.test.support.ts';
import { htmlReport } from './html-report/html-report.ts';
import { readableUnit } from './readable-unit.ts';
import { resultLine, tableHead } from './result-table.ts';
import { smokeNotice } from './smoke-notice.ts';
import { summaryLines } from './summary-lines.ts';

test('says how many budgets were met, which were not, and what is left out', () => {
  const document = testDocument();
  const lines = summaryLines(document);
  const missed = document.results.filter((row) => budgetVerdict(row) === 'missed');
  assert.match(
    lines[0] ?? '',
    new RegExp(`^4 rows, 1 of them .*; budgets: 2 met, 1 open, ${missed.length} missed$`),
  );
  for (const { id } of missed) assert.ok(lines.includes(`  missed: ${id}`));
  assert.ok(lines.some((line) => /^ {2}open, .*: cost\/generated\/allocation$/.test(line)));
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
  assert.match(lines[0] ?? '', /budgets: 1 open, 1 missed$/);
});

test('a naive baseline is marked in its row, and its ratio stands in brackets', () => {
  const [naive, peer] = testDocument().results;
  assert.ok(naive !== undefined && peer !== undefined);
  assert.match(resultLine(naive), /\(30\.00x\).*\(naive\)$/);
  assert.match(resultLine(peer), / 0\.92x +0\.90-0\.95 +0\.90 +C -O3 -march=native$/);
  assert.match(tableHead(), /^case +value +baseline +ratio +interval +budget +against$/);
});

test('whether a budget is met is open where the interval holds it', () => {
  const [, peer] = testDocument().results;
  assert.ok(peer !== undefined);
  const verdict = (low: number, high: number, own: Partial<CaseResult> = {}) =>
    budgetVerdict({ ...peer, interval: { low, high, coverage: 0.96 }, ...own });
  assert.equal(verdict(0.9, 0.95), 'met');
  assert.equal(verdict(0.85, 0.95), 'open');
  assert.equal(verdict(0.8, 0.89), 'missed');
  const most = { ratio: undefined, isLessBetter: true };
  assert.equal(verdict(0.8, 0.9, most), 'met');
  assert.equal(verdict(0.85, 0.95, most), 'open');
  assert.equal(verdict(0.91, 0.95, most), 'missed');
  assert.equal(verdict(0.8, 0.95, { budget: undefined, pass: undefined }), undefined);
  const open = { ...peer, interval: { low: 0.85, high: 0.95, coverage: 0.96 } };
  assert.match(resultLine(open), /0\.90 {2}open +C/);
});

test('a run of few rounds says last that it is not to be quoted; its rows have no interval of one round', () => {
  const lines = summaryLines(testDocument({ settings: { rounds: 1, isSmoke: true } }));
  assert.equal(lines.at(-1), 'a smoke run of 1 round: not to be quoted');
  assert.equal(
    smokeNotice({ settings: { rounds: 5 } }),
    'a smoke run of 5 rounds: not to be quoted',
  );
  assert.equal(smokeNotice({ settings: { rounds: 6, isSmoke: false } }), undefined);
  const [, peer] = testDocument().results;
  assert.ok(peer !== undefined);
  assert.doesNotMatch(resultLine({ ...peer, rounds: 1 }), /0\.90-0\.95/);
});

test('a long time is told in a larger unit', () => {
  assert.deepEqual(readableUnit(1380, 'ns/event'), { unit: 'µs/event', divisor: 1000 });
  assert.deepEqual(readableUnit(28_500, 'us'), { unit: 'ms', divisor: 1000 });
  assert.deepEqual(readableUnit(999, 'ns'), { unit: 'ns', divisor: 1 });
  assert.deepEqual(readableUnit(5000, 'slots/s'), { unit: 'slots/s', divisor: 1 });
  const [, peer] = testDocument().results;
  assert.ok(peer !== undefined);
  const late = { ...peer, value: 28_500, baselineValue: 57_000, unit: 'us' };
  assert.match(resultLine(late), / 28\.5 ms +57 +0\.92x/);
});

test('a run that a signal ended says so first', () => {
  assert.match(summaryLines(testDocument({ isInterrupted: true }))[0] ?? '', /^INTERRUPTED/);
});

test('an interval of too few rounds has its probability beside it', () => {
  const [, row] = testDocument().results;
  const interval = { low: 0.9, high: 0.95, coverage: 0.75 };
  assert.ok(row !== undefined);
  assert.doesNotMatch(resultLine(row), /%/);
  assert.match(resultLine({ ...row, rounds: 3, interval }), / 0\.90-0\.95 75% /);
  const results = [{ ...row, rounds: 3, interval }];
  assert.match(htmlReport(testDocument({ results })), /3 rounds, holds the median with 75 %/);
});
