import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type BenchDocument, type CaseResult, figure } from '@sockflow/benchmark';

import { MemoryOutput } from '../terminal/memory-terminal.test.support.ts';
import { benchText } from './bench-text.ts';

function compared(id: string, own: Partial<CaseResult>): CaseResult {
  return {
    ...figure({ id, reads: 'op', values: [1], unit: 'events/s', isLessBetter: false }),
    baselineValue: 8e6,
    kind: 'self',
    value: 4e6,
    ratio: 0.5,
    interval: { low: 0.45, high: 0.55, coverage: 0.96 },
    rounds: 7,
    ...own,
  };
}

function documentOf(results: readonly CaseResult[], rounds: number): BenchDocument {
  return { results, settings: { rounds } } as unknown as BenchDocument;
}

function alone(id: string, value: number): CaseResult {
  return figure({ id, reads: 'op', values: [value], unit: 'x', isLessBetter: true });
}

test('tells the pipeline first, then more lanes, then what it is compared with, then what an event costs', () => {
  const id = 'bench/real/slow.ts';
  const results = [
    compared(`${id}/read`, { baseline: 'only reading' }),
    compared(`${id}/fields`, { baseline: 'six fields', ratio: 0.8 }),
    compared(`${id}/naive`, {
      baseline: 'objects',
      kind: 'naive',
      ratio: 12.3,
      baselineValue: 3e5,
    }),
    alone(`${id}/cpu`, 1380.4),
    alone(`${id}/allocated`, 12),
    alone(`${id}/collecting`, 1.25),
    alone(`${id}/delivered`, 1490),
    compared(`${id}-2-lanes/1-lane`, { value: 7e6, ratio: 1.75, baseline: 'one lane' }),
  ];
  const text = benchText(new MemoryOutput().terminal, documentOf(results, 7), 'slow.ts');
  const lines = text.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | ').trim());
  assert.match(lines[1] ?? '', /slow\.ts, one lane \| 4\.00 M$/);
  assert.match(lines[2] ?? '', /only reading \| 8\.00 M \| 0\.500x \| 0\.450 – 0\.550$/);
  assert.match(lines[4] ?? '', /objects \(naive\) \| 300 k \| 12\.3x/);
  assert.match(lines[5] ?? '', /above 1: slow\.ts in one lane is faster/);
  assert.match(lines[8] ?? '', /2 lanes \| 7\.00 M \| 1\.75x \| 0\.450 – 0\.550/);
  assert.match(lines[9] ?? '', /above 1: faster than one lane/);
  assert.doesNotMatch(text, /smoke|in brackets/);
  assert.match(
    text,
    /1\.38 µs of CPU in one lane and 12 B of heap; garbage is collected 1\.25 % of the time/,
  );
  assert.match(text, /delivers 1,490/);
  assert.match(
    text,
    /only reading would take 50 %; reading six fields of each event would take 80 %/,
  );
});

test('leaves out shares that the run cannot tell', () => {
  const id = 'bench/real/slow.ts';
  const text = (read: Partial<CaseResult>, fields: Partial<CaseResult>): string =>
    benchText(
      new MemoryOutput().terminal,
      documentOf([compared(`${id}/read`, read), compared(`${id}/fields`, fields)], 7),
      'slow.ts',
    );
  const open = { ratio: 0.8, interval: { low: 0.7, high: 1.2, coverage: 0.96 } };
  const more = { ratio: 5.4, interval: { low: 5, high: 6, coverage: 0.96 } };
  assert.match(text({}, more), /only reading would take 50 %$/m);
  assert.doesNotMatch(text(open, more), /would take/);
});

test('of few rounds it says how little they say, last of all that they are not to be quoted', () => {
  const id = 'bench/real/slow.ts/read';
  const text = (rounds: number, coverage: number): string =>
    benchText(
      new MemoryOutput().terminal,
      documentOf([compared(id, { rounds, interval: { low: 0.45, high: 0.55, coverage } })], rounds),
      'slow.ts',
    );
  assert.match(text(3, 0.75), /0\.450 – 0\.550 \(75 %\)/);
  assert.match(text(3, 0.75), /a smoke run of 3 rounds: not to be quoted$/);
  assert.doesNotMatch(text(1, 0), /0\.450/);
  assert.match(text(1, 0), /a smoke run of 1 round: not to be quoted$/);
});
