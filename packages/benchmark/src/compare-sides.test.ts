import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compareSides } from './compare-sides.ts';
import type { Pass } from './pass.ts';

const SHARED = { id: 'decode/generated/five', reads: 'srttUs', units: 100, unit: 'events/s' };

test('takes the sides in turn, in an order that changes, after a round that is not counted', async () => {
  const order: string[] = [];
  const side =
    (name: string, ns: readonly number[]): (() => Pass) =>
    () => {
      const round = order.filter((taken) => taken === name).length;
      order.push(name);
      return { ns: ns[round] ?? NaN, answer: '7' };
    };
  const { results, oursNs, baselinesNs } = await compareSides({
    ...SHARED,
    rounds: 3,
    ours: side('ours', [9e9, 1e9, 2e9, 4e9]),
    baselines: [
      { name: 'c', title: 'C', kind: 'peer', budget: 1.5, run: side('c', [1, 2e9, 2e9, 4e9]) },
      {
        name: 'objects',
        title: 'objects',
        kind: 'naive',
        run: side('objects', [1, 8e9, 20e9, 24e9]),
      },
    ],
  });
  assert.equal(order.join(' '), 'ours c objects c ours objects c objects ours objects c ours');
  assert.equal(oursNs, 2e9);
  assert.deepEqual(
    [...baselinesNs],
    [
      ['c', 2e9],
      ['objects', 20e9],
    ],
  );
  const [inC, naive] = results;
  assert.deepEqual(inC, {
    id: 'decode/generated/five/c',
    reads: 'srttUs',
    unit: 'events/s',
    value: 50,
    isLessBetter: false,
    baseline: 'C',
    kind: 'peer',
    baselineValue: 50,
    ratio: 1,
    interval: { low: 1, high: 2, coverage: 0.75 },
    bestRatio: 2,
    spread: [1, 2],
    rounds: 3,
    budget: 1.5,
    pass: false,
  });
  assert.equal(naive?.kind, 'naive');
  assert.equal(naive?.ratio, 8);
  assert.equal(naive?.pass, undefined);
});

test('no side has a place of its own, nor a pass right after one of its own', async () => {
  const order: string[] = [];
  const side = (name: string) => (): Pass => {
    order.push(name);
    return { ns: 1, answer: '7' };
  };
  const names = ['a', 'b', 'c', 'd'];
  await compareSides({
    ...SHARED,
    rounds: 7,
    ours: side('ours'),
    baselines: names.map((name) => ({ name, title: name, kind: 'peer', run: side(name) })),
  });
  assert.ok(
    order.every((name, index) => index === 0 || name !== order[index - 1]),
    order.join(),
  );
  const places = order.flatMap((name, index) => (name === 'ours' ? [index % 5] : []));
  assert.deepEqual(
    [...new Set(places)].toSorted((a, b) => a - b),
    [0, 1, 2, 3, 4],
  );
});

test('refuses sides that do not agree, in the round that is not counted as in every other', async () => {
  for (const wrongRound of [0, 2]) {
    let round = 0;
    const compared = compareSides({
      ...SHARED,
      rounds: 2,
      ours: () => ({ ns: 1, answer: '7' }),
      baselines: [
        {
          name: 'c',
          title: 'a C loop',
          kind: 'peer',
          run: () => ({ ns: 1, answer: round++ === wrongRound ? '8' : '7' }),
        },
      ],
    });
    await assert.rejects(compared, /decode\/generated\/five: ours found 7, a C loop found 8/);
  }
});
