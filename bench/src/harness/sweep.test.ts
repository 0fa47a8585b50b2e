import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Curve, fewPoints, sweep } from './sweep.ts';

const AXES = {
  id: 'suite/input/curve',
  title: 'A curve',
  x: { label: 'x', scale: 'log' },
  y: { label: 'y', scale: 'log' },
  points: [
    { x: 1, at: 1 },
    { x: 2, at: 2 },
  ],
  yOf: (ns: number) => ns * 2,
} as const;

test('takes passes round by round over all points, every other round from the end, and draws what the counted ones found', async () => {
  const order: string[] = [];
  const curve = (name: string, ns: number): Curve<number> => ({
    name,
    pass: (at) => () => {
      order.push(`${name}${at}`);
      return { ns: ns * at + (order.length > 4 ? 1 : 0), answer: String(at) };
    },
  });
  const swept = await sweep({ ...AXES, rounds: 2, curves: [curve('a', 10), curve('b', 30)] });
  assert.deepEqual(order.join(' '), 'b2 a2 b1 a1 a1 b1 a2 b2 b2 a2 b1 a1');
  assert.deepEqual(swept.plot.series[0], {
    name: 'a',
    points: [
      { x: 1, y: 22, low: 22, high: 22 },
      { x: 2, y: 42, low: 42, high: 42 },
    ],
  });
  const row = swept.row({
    id: 'suite/input/case/b',
    reads: 'x',
    unit: 'ns',
    isLessBetter: true,
    baseline: 'b',
    kind: 'peer',
    curve: 'a',
    against: 'b',
    x: 1,
  });
  assert.equal(row?.ratio, 62 / 22);
});

test('refuses curves that disagree at a point, unless they compute something else', async () => {
  const curve = (name: string, computes: string): Curve<number> => ({
    name,
    computes,
    pass: () => () => ({ ns: 1, answer: name }),
  });
  await assert.rejects(
    sweep({ ...AXES, rounds: 1, curves: [curve('a', 'same'), curve('b', 'same')] }),
    /a found a, another b|b found b, another a/,
  );
  await sweep({ ...AXES, rounds: 1, curves: [curve('a', 'one'), curve('b', 'other')] });
});

test('leaves out points that a curve has not, and curves without any', async () => {
  const one: Curve<number> = {
    name: 'one',
    pass: (at) => (at === 1 ? () => ({ ns: 1, answer: '' }) : undefined),
  };
  const none: Curve<number> = { name: 'none', pass: () => undefined };
  const swept = await sweep({ ...AXES, rounds: 1, curves: [one, none] });
  assert.deepEqual(
    swept.plot.series.map(({ name, points }) => [name, points.length]),
    [['one', 1]],
  );
});

test('takes no pass that is not counted of a point whose passes are long', async () => {
  let passes = 0;
  const curve: Curve<number> = { name: 'a', pass: () => () => ({ ns: ++passes, answer: '' }) };
  await sweep({ ...AXES, rounds: 2, curves: [curve], isLong: (at) => at === 2 });
  assert.equal(passes, 5);
});

test('keeps the first, the middle and the last point where only that all runs is to be seen', () => {
  assert.deepEqual(fewPoints([1, 2, 3, 4, 5], true), [1, 3, 5]);
  assert.deepEqual(fewPoints([1, 2, 3, 4, 5], false), [1, 2, 3, 4, 5]);
  assert.deepEqual(fewPoints([1, 2], true), [1, 2]);
});
