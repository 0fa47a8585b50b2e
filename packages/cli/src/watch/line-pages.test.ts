import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { Batch } from '@sockflow/core';
import { fromReplay } from '@sockflow/source-replay';

import { sliceOf } from './event-slice.ts';
import { LinePages } from './line-pages.ts';
import { WatchControl } from './watch-control.ts';

const FIXTURES = fileURLToPath(new URL('../../../../fixtures/', import.meta.url));
const STYLE = { hasColors: false, maxColumns: Infinity, zone: 'utc' } as const;
const PAGE_EVENTS = 250;

/** The first batch of the recording, kept. */
async function firstBatch(): Promise<Batch> {
  const kept: Batch[] = [];
  await fromReplay(join(FIXTURES, 'real.sfrec')).forEach((batch) => kept.push(batch.retain()));
  assert.ok(kept[0] !== undefined && kept[0].size > 2 * PAGE_EVENTS);
  return kept[0];
}

function rowsOf(text: string | undefined): string[] {
  return (text ?? '').trimEnd().split('\n');
}

test('a page has as many lines as fit, and the number of those that came after them', async () => {
  const batch = await firstBatch();
  const pages = new LinePages(0, STYLE);
  pages.add(sliceOf(batch, 0, 200));
  pages.add(sliceOf(batch, 200, 400));
  pages.add(sliceOf(batch, 400, 410));
  const page = pages.take();
  const [heading, ...rows] = rowsOf(page?.text);
  assert.match(heading ?? '', /EVENT .* FACTS/);
  assert.equal(rows.length, PAGE_EVENTS);
  assert.equal(page?.notShown, 410 - PAGE_EVENTS);
  assert.equal(pages.take(), undefined, 'nothing came since');
  pages.add(sliceOf(batch, 410, 411));
  assert.deepEqual(
    [rowsOf(pages.take()?.text).length, pages.take()],
    [1, undefined],
    'the next page has room again',
  );
});

test('slices of a batch are its events, each once and in order', async () => {
  const batch = await firstBatch();
  const lines = (parts: readonly Batch[]): string[] => {
    const pages = new LinePages(1, STYLE);
    for (const part of parts) pages.add(part);
    return rowsOf(pages.take()?.text);
  };
  const whole = lines([sliceOf(batch, 0, 200)]);
  const parts = [
    [0, 1],
    [1, 1],
    [1, 130],
    [130, 200],
  ] as const;
  assert.deepEqual(lines(parts.map(([start, end]) => sliceOf(batch, start, end))), whole);
});

test('a lane may send its next page once all it sent are drawn (W1)', () => {
  const control = WatchControl.allocate(2);
  const lane = new WatchControl(control.memory);
  assert.deepEqual([lane.isDrawn(0, 0), lane.isDrawn(1, 1)], [true, false]);
  control.pageDrawn(1);
  assert.deepEqual(
    [lane.isDrawn(0, 0), lane.isDrawn(1, 1), lane.isDrawn(1, 2)],
    [true, true, false],
  );
});
