import assert from 'node:assert/strict';
import { test } from 'node:test';

import { figure } from '@sockflow/benchmark';

import type { BenchCase, BenchRun } from './bench-case.ts';
import { type Found, runCases } from './run-cases.ts';
import { selectCases } from './select-cases.ts';
import { shared } from './shared.ts';

const SETTINGS = { inputBytes: 1, rounds: 1, isSmoke: false, print: () => {}, note: () => {} };

function benchCase(
  name: string,
  run: (bench: BenchRun) => void | Promise<void>,
  suite: BenchCase['suite'] = 'filter',
): BenchCase {
  return { suite, name, says: name, run: async (bench) => run(bench) };
}

function row(id: string, budget?: number): Parameters<BenchRun['result']>[0] {
  return figure({ id, reads: 'op', values: [2], unit: 'ms', isLessBetter: true, budget });
}

function ids({ results }: Found): string[] {
  return results.map(({ id }) => id);
}

test('a case that fails is told and left out, and the others run all the same', async () => {
  const found = await runCases(
    [
      benchCase('wrong', () => {
        throw new Error('ours found 7, C found 8');
      }),
      benchCase('right', (bench) => bench.result(row('filter/a/right'))),
    ],
    SETTINGS,
  );
  assert.deepEqual(found.failed, ['filter/wrong']);
  assert.deepEqual(found.leftOut, [
    { id: 'filter/wrong', reason: 'failed: ours found 7, C found 8' },
  ]);
  assert.deepEqual(ids(found), ['filter/a/right']);
});

test('a case that leaves nothing, not even a reason, fails', async () => {
  const found = await runCases([benchCase('silent', () => {})], SETTINGS);
  assert.deepEqual(found.failed, ['filter/silent']);
});

test('the load has every case in the order in which they ran', async () => {
  const found = await runCases(
    [
      benchCase('one', (bench) => bench.leftOut('filter/one', 'needs Go')),
      benchCase('two', (bench) => bench.result(row('filter/a/two'))),
    ],
    SETTINGS,
  );
  assert.deepEqual(
    found.load.cases.map(({ id }) => id),
    ['filter/one', 'filter/two'],
  );
});

test('what was found is to be had while a case runs, and once interrupted no further case is begun', async () => {
  const interruption = new AbortController();
  let soFar: () => Found = () => assert.fail('not given');
  const seen: string[][] = [];
  const found = await runCases(
    [
      benchCase('one', (bench) => bench.result(row('filter/a/one'))),
      benchCase('two', (bench) => {
        bench.result(row('filter/a/two'));
        seen.push(ids(soFar()));
        interruption.abort();
      }),
      benchCase('three', (bench) => bench.result(row('filter/a/three'))),
    ],
    { ...SETTINGS, signal: interruption.signal, onStart: (given) => (soFar = given) },
  );
  assert.deepEqual(seen, [['filter/a/one', 'filter/a/two']]);
  assert.deepEqual(ids(found), ['filter/a/one', 'filter/a/two']);
});

test('what a suite shared and cannot be ended is a failure of the suite, and the others run', async () => {
  const broken = benchCase('one', async (bench) => {
    bench.result(row('filter/a/one'));
    const end = (): never => {
      throw new Error('stuck');
    };
    await shared('broken', () => Promise.resolve({ value: 7, end }));
  });
  const next = benchCase('two', (bench) => bench.result(row('ring/a/two')), 'ring');
  const found = await runCases([broken, next], SETTINGS);
  assert.deepEqual(found.failed, ['filter']);
  assert.deepEqual(ids(found), ['filter/a/one', 'ring/a/two']);
});

test('a smoke run judges no budget', async () => {
  const cases = [benchCase('slow', (bench) => bench.result(row('filter/a/slow', 1)))];
  const judged = await runCases(cases, SETTINGS);
  const smoke = await runCases(cases, { ...SETTINGS, isSmoke: true });
  assert.equal(judged.results[0]?.pass, false);
  assert.equal(smoke.results[0]?.pass, undefined);
});

test('what cases of a suite share is made once and ended before the next suite', async () => {
  const order: string[] = [];
  const using = (name: string, suite: BenchCase['suite']): BenchCase =>
    benchCase(
      name,
      async (bench) => {
        const value = await shared('input', () => {
          order.push('made');
          return Promise.resolve({ value: 7, end: () => void order.push('ended') });
        });
        order.push(`${name} has ${value}`);
        bench.result(row(`${suite}/a/${name}`));
      },
      suite,
    );
  await runCases([using('one', 'ring'), using('two', 'ring'), using('three', 'sinks')], SETTINGS);
  assert.deepEqual(order, [
    'made',
    'one has 7',
    'two has 7',
    'ended',
    'made',
    'three has 7',
    'ended',
  ]);
});

test('cases are named by suite, or one by one; what is neither is unknown', () => {
  const all = [
    benchCase('a', () => {}, 'ring'),
    benchCase('b', () => {}, 'ring'),
    benchCase('a', () => {}, 'sinks'),
  ];
  const names = (asked: readonly string[]): string[] =>
    selectCases(all, asked).cases.map(({ suite, name }) => `${suite}/${name}`);
  assert.deepEqual(names([]), ['ring/a', 'ring/b', 'sinks/a']);
  assert.deepEqual(names(['sinks/a', 'ring']), ['ring/a', 'ring/b', 'sinks/a']);
  assert.deepEqual(names(['ring/b']), ['ring/b']);
  assert.deepEqual(selectCases(all, ['ring/c', 'a', 'sinks']).unknown, ['ring/c', 'a']);
});
