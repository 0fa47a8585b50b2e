import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BENCH_SCHEMA, type BenchDocument, figure, type CaseResult } from '@sockflow/benchmark';

import { fillPage } from './fill-page.ts';

const alone = figure({
  id: 'cost/idle',
  reads: 'nothing',
  values: [3, 1, 2],
  unit: 'ms',
  isLessBetter: true,
  budget: 1,
});
const naive: CaseResult = {
  ...alone,
  id: 'filter/a/naive',
  baseline: 'x | y',
  kind: 'naive',
  baselineValue: 20_000,
  ratio: 3.456,
};
const document: BenchDocument = {
  schema: BENCH_SCHEMA,
  startedAt: '2026-01-02T03:04:05Z',
  tookS: 600,
  version: '1.0.0',
  machine: {
    cpu: 'a CPU',
    cores: 2,
    caches: ['L1d 32 KiB'],
    memoryGiB: 4,
    kernel: '6.1',
    node: 'v24',
    isVirtual: true,
    toolchains: { gcc: '12' },
  },
  settings: { sizeMib: 64, rounds: 3 },
  load: {
    isValid: true,
    othersRatio: 0.01,
    mostOthersRatio: 0.02,
    stolenRatio: 0,
    reasons: [],
    cases: [],
  },
  results: [naive, alone],
  plots: [],
  leftOut: [],
};

test('a block of figures has the rows that begin as it says, and nothing of what was there', () => {
  const page = 'a\n<!-- figures: cost/ -->\nold\n<!-- end of figures -->\nb';
  const filled = fillPage(page, document);
  assert.match(filled, /^a\n<!-- figures: cost\/ -->\n\n\| case /);
  assert.match(filled, /\| `cost\/idle` \| {2}\| 2 ms \| {2}\| {2}\| 1–3 \| 1, missed \|/);
  assert.doesNotMatch(filled, /old|filter/);
  assert.ok(filled.endsWith('<!-- end of figures -->\nb'));
  assert.equal(fillPage(filled, document), filled);
});

test('a naive ratio stands in brackets, and a bar in a name does not end a cell', () => {
  const filled = fillPage('<!-- figures: filter/ -->\n<!-- end of figures -->', document);
  assert.ok(filled.includes('| x \\| y (naive) |'));
  assert.ok(filled.includes('| (3.46) |'));
});

test('a block that no row is for is an error', () => {
  assert.throws(
    () => fillPage('<!-- figures: none/ -->\n<!-- end of figures -->', document),
    /no row begins with none\//,
  );
});

test('the machine and the load are told', () => {
  const filled = fillPage('<!-- machine -->\n<!-- end of machine -->', document);
  assert.match(filled, /a CPU, 2 cores of a virtual machine; L1d 32 KiB; 4 GiB; Linux 6\.1/);
  assert.match(filled, /10 min, 64 MiB of input, 3 rounds; others had 1\.0 %.*a valid run/);
});
