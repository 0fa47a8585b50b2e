import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { CONTEXT_KEYS, REQUIRED_CONTEXT_KEYS } from '../schema/context-keys.ts';
import {
  CLOCK_ANCHOR_FIELDS,
  LOSS_MARKER_FIELDS,
  RTT_SUMMARY_FIELDS,
} from '../schema/kind-fields.ts';
import { viewOf } from './real-events.test.helper.ts';

const PAGE = readFileSync(
  new URL('../../../../docs/specs/context-json.md', import.meta.url),
  'utf8',
);

/** Names in backquotes in the cells of the rows that begin with one. */
function rows(section: string): string[][] {
  const text = PAGE.split(`## ${section}\n`)[1]!.split('\n## ')[0]!;
  const lines = text.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) => line.split('|').map((cell) => cell.trim()));
}

function names(cell: string): string[] {
  return [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
}

test('the format’s page has every key in the order in which it is written, and says which are needed', () => {
  const table = rows('Keys');
  const keys = table.flatMap((cells) => names(cells[1]!)).filter((key) => key !== 'sections');
  assert.deepEqual(keys, CONTEXT_KEYS);
  const needed = table.filter((cells) => cells[3] === 'yes').flatMap((cells) => names(cells[1]!));
  assert.deepEqual(needed.toSorted(), [...REQUIRED_CONTEXT_KEYS].toSorted());
});

test('the format’s page has every key of the framework’s own kinds', () => {
  const own = {
    RTT_SUMMARY: RTT_SUMMARY_FIELDS,
    LOSS_MARKER: LOSS_MARKER_FIELDS,
    CLOCK_ANCHOR: CLOCK_ANCHOR_FIELDS,
  };
  for (const cells of rows('Other kinds')) {
    const [kind] = names(cells[1]!);
    assert.deepEqual(
      names(cells[2]!),
      own[kind as keyof typeof own].map((field) => field.name),
    );
  }
  assert.equal(rows('Other kinds').length, 3);
});

test('the page’s example is what the page says it is', () => {
  const line = /^```json\n(.*)\n```$/m.exec(PAGE)![1]!;
  const view = viewOf(JSON.parse(line) as object);
  assert.equal(view.localAddress, 'fd03::1');
  assert.equal(view.localPort, 33016);
  assert.equal(view.remoteAddress, 'fd03::2');
  assert.equal(view.remotePort, 8002);
  assert.equal(view.toObject().oldState, 'FIN_WAIT1');
  assert.equal(view.toObject().newState, 'FIN_WAIT2');
  assert.equal(view.srttUs, 19);
});
