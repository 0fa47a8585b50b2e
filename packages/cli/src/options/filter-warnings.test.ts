import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Op } from '@sockflow/core';

import type { FilterSet } from './filter-set.ts';
import { filterWarnings, type RecordingContents } from './filter-warnings.ts';

const NO_FILTERS: FilterSet = { ports: [], networks: [] };

function contentsWith(counts: Readonly<Record<number, number>>): RecordingContents {
  const eventsByOp = Array.from({ length: 32 }, (_, op) => counts[op] ?? 0);
  return { events: 10, eventsByOp: () => eventsByOp, firstNs: 100n, lastNs: 200n };
}

test('an op that the recording does not have is named, with those that it has where it has none asked for', () => {
  const contents = contentsWith({ [Op.RTT_CB]: 7, [Op.STATE_CB]: 3 });
  assert.deepEqual(filterWarnings({ ...NO_FILTERS, ops: [Op.BASE_RTT, Op.RTT_CB] }, contents), [
    'the recording has no BASE_RTT events',
  ]);
  assert.deepEqual(filterWarnings({ ...NO_FILTERS, ops: [Op.BASE_RTT] }, contents), [
    '--op matches nothing: the recording has no BASE_RTT events, only STATE_CB, RTT_CB',
  ]);
});

test('a time beside the recording matches nothing', () => {
  const contents = contentsWith({ [Op.RTT_CB]: 10 });
  const warnings = (time: FilterSet['time']): number =>
    filterWarnings({ ...NO_FILTERS, ...(time === undefined ? {} : { time }) }, contents).length;
  assert.equal(warnings({ startNs: 201n }), 1);
  assert.equal(warnings({ startNs: 200n }), 0);
  assert.equal(warnings({ endNs: 100n }), 1);
  assert.equal(warnings({ endNs: 101n }), 0);
});

test('filters that can match give no warning', () => {
  const filters = { ...NO_FILTERS, ops: [Op.PARSE_HDR_OPT_CB, 40] };
  assert.deepEqual(filterWarnings(filters, contentsWith({ [Op.PARSE_HDR_OPT_CB]: 1, 31: 1 })), []);
});
