import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Plot } from '@sockflow/benchmark';

import { axisText, countText } from './axis-text.ts';
import { placeLegend } from './legend.ts';
import { logTicks } from './log-ticks.ts';
import { plotSvg } from './plot-svg.ts';
import { stylesOf } from './series-style.ts';

const POINTS = [
  { x: 1024, y: 2e7, low: 1e7, high: 3e7 },
  { x: 65_536, y: 1.5e7, low: 1.4e7, high: 1.6e7 },
];

const CURVES: Plot = {
  id: 'suite/input/curve',
  title: 'Throughput < count & "size"',
  x: { label: 'events', scale: 'log' },
  y: { label: 'events/s', scale: 'log' },
  series: [
    { name: 'memory', points: POINTS },
    { name: 'C: memory', points: POINTS },
  ],
};

const BARS: Plot = {
  ...CURVES,
  x: { label: 'compression', scale: 'category' },
  y: { label: 'MB/s', scale: 'linear' },
  series: [
    {
      name: 'write',
      points: [
        { x: 'none: 100 %', y: 816, low: 560, high: 1070 },
        { x: 'lz4: 24 %', y: 415, low: 415, high: 415 },
      ],
    },
  ],
};

test('writes numbers as an axis has them', () => {
  assert.deepEqual([2e7, 1500, 0.25, 0, 3e9].map(axisText), ['20 M', '1.5 k', '0.25', '0', '3 G']);
  assert.deepEqual([64, 1024, 65_536, 4_194_304, 1000].map(countText), [
    '64',
    '1 Ki',
    '64 Ki',
    '4 Mi',
    '1 k',
  ]);
});

test('begins and ends a logarithmic axis close to its values, and labels no more than can be read', () => {
  assert.deepEqual(logTicks(7e6, 3.1e7), { min: 5e6, max: 5e7, labels: [5e6, 1e7, 2e7, 5e7] });
  const { min, max, labels } = logTicks(0.1, 3000);
  assert.deepEqual([min, max], [0.1, 5000]);
  assert.deepEqual(labels, [0.1, 1, 10, 100, 1000]);
});

test('gives a peer the colour of ours of that name, and dashes', () => {
  const [ours, other, theirs] = stylesOf(
    ['memory', 'disk', 'C: memory'].map((name) => ({ name, points: [] })),
  );
  assert.equal(theirs?.color, ours?.color);
  assert.notEqual(other?.color, ours?.color);
  assert.deepEqual([ours?.isDashed, theirs?.isDashed], [false, true]);
});

test('breaks a legend that is too long for a row', () => {
  const series = ['a'.repeat(40), 'b'.repeat(40), 'c'].map((name) => ({ name, points: [] }));
  const { places, bottom } = placeLegend(series, { left: 80, right: 600, top: 40 });
  assert.deepEqual(
    places.map(({ top }) => top),
    [40, 60, 60],
  );
  assert.equal(places[1]?.left, 80);
  assert.equal(bottom, 80);
});

test('draws curves and bars with their names, labels and ticks, as XML that is well formed', () => {
  const svg = plotSvg(CURVES, '2 cores');
  for (const text of ['memory', 'C: memory', '1 Ki', '64 Ki', '20 M', '2 cores'])
    assert.ok(svg.includes(`>${text}<`), text);
  assert.ok(svg.includes('Throughput &lt; count &amp; '));
  const bars = plotSvg(BARS, '2 cores');
  for (const text of ['write', 'none: 100 %', '816', '415'])
    assert.ok(bars.includes(`>${text}<`), text);
  // A quote in an attribute would end it: a font's name has none.
  for (const one of [svg, bars]) assert.doesNotMatch(one, /font-family:[^;"]*"[^ >/]/);
});
