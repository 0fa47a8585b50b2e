import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';

import { bar, sparkline } from './bars.ts';
import { renderTable } from './table.ts';
import { Terminal } from './terminal.ts';

const PIPE = new Terminal(new Writable(), {});

test('columns are aligned, and one without any cell is left out', () => {
  const columns = [
    { heading: 'name' },
    { heading: 'empty' },
    { heading: 'count', align: 'right' },
  ] as const;
  const rows = [
    ['a', '', '7'],
    ['longer', '', '1,234'],
  ];
  assert.equal(
    renderTable(PIPE, columns, rows),
    ['  name    count', '  a           7', '  longer  1,234'].join('\n'),
  );
});

test('where there is no room, columns are left out in their order, and those without one stay', () => {
  const wide = 'x'.repeat(40);
  const columns = [
    { heading: 'keep' },
    { heading: 'second', dropOrder: 1 },
    { heading: 'first', dropOrder: 2 },
  ];
  assert.doesNotMatch(renderTable(PIPE, columns, [[wide, 'b', wide]]), /first/);
  assert.match(renderTable(PIPE, columns, [[wide, 'b', wide]]), /second/);
  assert.doesNotMatch(renderTable(PIPE, columns, [[wide + wide, 'b', 'c']]), /first|second/);
});

test('a bar is as long as its value, and never nothing for something', () => {
  assert.equal(bar(10, 10, 4), '████');
  assert.equal(bar(5, 10, 3), '█▌');
  assert.equal(bar(1, 1_000_000, 10), '▏');
  assert.equal(bar(0, 10, 10), '');
});

test('a sparkline has a blank for nothing and the highest for the most', () => {
  assert.equal(sparkline([0, 1, 4, 8]), ' ▂▅█');
});
