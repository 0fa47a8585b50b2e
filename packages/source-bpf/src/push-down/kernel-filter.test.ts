import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Kind, Op, parseNetwork, type Plan, type PlanFilter, SlotView } from '@sockflow/core';
import * as fc from 'fast-check';

import { describePushDown } from './describe-push-down.ts';
import { END_BITS, filterText, kernelFilter, NO_FILTER, WHOLE_SAMPLE } from './kernel-filter.ts';
import { kernelKeeps } from './kernel-keeps.test.support.ts';
import {
  eventList,
  exactFilter,
  filterList,
  runFilters,
  writeEvents,
} from './random-filters.test.support.ts';

const RUNS = 150;

test('what some plan keeps, the kernel program does not drop', async () => {
  await fc.assert(
    fc.asyncProperty(
      eventList,
      fc.array(filterList, { minLength: 1, maxLength: 3 }),
      async (events, lists) => {
        const { memory, words, endWord } = writeEvents(events);
        const runs = await Promise.all(lists.map((list) => runFilters(memory, endWord, list)));
        const filter = kernelFilter(runs.map(({ plan }) => plan));
        for (const index of new Set(runs.flatMap(({ kept }) => kept))) {
          const view = new SlotView(memory.u32, memory.big, words[index]!, { id: 'boot' });
          assert.ok(kernelKeeps(filter, view), `event ${index}: ${filterText(filter)}`);
        }
      },
    ),
    { numRuns: RUNS },
  );
});

test('a filter by op, kind, port, network or sample alone, the program carries out to the last event', async () => {
  await fc.assert(
    fc.asyncProperty(eventList, exactFilter, async (events, one) => {
      const { memory, words, endWord } = writeEvents(events);
      const { plan, kept } = await runFilters(memory, endWord, [one]);
      const filter = kernelFilter([plan]);
      const keptByKernel = words.flatMap((word, index) =>
        kernelKeeps(filter, new SlotView(memory.u32, memory.big, word, { id: 'boot' }))
          ? [index]
          : [],
      );
      assert.deepEqual(keptByKernel, kept);
    }),
    { numRuns: RUNS },
  );
});

const op = (...ops: number[]): PlanFilter => ({ type: 'op', ops });
const port = (end: 'either' | 'local' | 'remote', ...ports: number[]): PlanFilter => ({
  type: 'port',
  end,
  ports,
});
const address = (end: 'either' | 'local' | 'remote', ...texts: string[]): PlanFilter => ({
  type: 'address',
  end,
  networks: texts.map((text) => parseNetwork(text)),
});

test('without plans, or with one that filters nothing, nothing is pushed down', () => {
  assert.equal(kernelFilter([]), NO_FILTER);
  assert.deepEqual(kernelFilter([[op(Op.RTO_CB), port('local', 443)], []]), NO_FILTER);
});

test('plans are united dimension by dimension', () => {
  const { kindsMask, opsMask, ports, networks, sampleThreshold } = kernelFilter([
    [op(Op.RTO_CB), port('local', 443), { type: 'sample', threshold: 100, ratio: 0.1 }],
    [op(Op.STATE_CB), port('remote', 443, 80), { type: 'sample', threshold: 900, ratio: 0.2 }],
  ]);
  assert.equal(kindsMask & 0b1110, 1 << Kind.OP);
  assert.equal(opsMask, (1n << 8n) | (1n << 10n));
  assert.deepEqual(
    ports,
    new Map([
      [443, END_BITS.either],
      [80, END_BITS.remote],
    ]),
  );
  assert.equal(networks, undefined);
  assert.equal(sampleThreshold, 900);
});

test('a plan for summaries beside one for ops lets through summaries and those ops', () => {
  const { kindsMask, opsMask } = kernelFilter([
    [{ type: 'kind', kinds: [Kind.RTT_SUMMARY] }],
    [op(Op.RETRANS_CB)],
  ]);
  assert.equal(kindsMask & 0b1110, (1 << Kind.OP) | (1 << Kind.RTT_SUMMARY));
  assert.equal(opsMask, 1n << 9n);
});

test('plans that contradict themselves let nothing through but markers, and widen no other', () => {
  const impossible: Plan = [op(Op.RTO_CB), op(Op.STATE_CB)];
  const markers = (1 << Kind.LOSS_MARKER) | (1 << Kind.CLOCK_ANCHOR);
  assert.equal(kernelFilter([impossible]).kindsMask, markers);
  const noSample: Plan = [{ type: 'sample', threshold: 0, ratio: 0 }];
  assert.equal(kernelFilter([noSample]).kindsMask, markers);
  const both = kernelFilter([impossible, [op(Op.RTO_CB), port('local', 1)]]);
  assert.equal(both.opsMask, 1n << 8n);
  assert.deepEqual(both.ports, new Map([[1, END_BITS.local]]));
});

test('a network answers for those that contain it: the trie finds the longest prefix alone', () => {
  const { networks } = kernelFilter([
    [address('remote', '10.0.0.0/8')],
    [address('local', '10.1.0.0/16')],
    [address('local', '192.168.0.0/16')],
  ]);
  const told = networks?.map(({ prefixBits, ends, address: bytes }) => [
    bytes.slice(12).join('.'),
    prefixBits,
    ends,
  ]);
  assert.deepEqual(told, [
    ['10.0.0.0', 104, END_BITS.remote],
    ['10.1.0.0', 112, END_BITS.either],
    ['192.168.0.0', 112, END_BITS.local],
  ]);
});

test('more networks than the trie is made of in reasonable time stay in the lane', () => {
  const many = Array.from({ length: 4097 }, (_, index) => `10.${index >>> 8}.${index & 255}.0/24`);
  const filter = kernelFilter([[address('local', ...many), port('local', 80)]]);
  assert.equal(filter.networks, undefined);
  assert.equal(filter.ports?.size, 1);
});

test('of several filters by port in one plan, the one with the fewest is pushed down', () => {
  const { ports } = kernelFilter([[port('local', 1, 2, 3), port('remote', 4)]]);
  assert.deepEqual(ports, new Map([[4, END_BITS.remote]]));
});

test('the text of a filter is the same for the same plans, however they are ordered', () => {
  const one: Plan = [op(Op.RTO_CB), port('local', 2, 1), address('local', '10.0.0.0/8', '::1')];
  const same: Plan = [address('local', '::1', '10.0.0.0/8'), port('local', 1, 2), op(Op.RTO_CB)];
  assert.equal(filterText(kernelFilter([one])), filterText(kernelFilter([same])));
  assert.notEqual(filterText(kernelFilter([one])), filterText(kernelFilter([[op(Op.RTO_CB)]])));
});

test('each filter that narrows the program’s is described, and no other', () => {
  const filters: PlanFilter[] = [
    op(Op.RTO_CB),
    { type: 'kind', kinds: [Kind.SNAPSHOT] },
    { type: 'flags', field: 'cb', any: 1, all: 0, none: 0 },
    { type: 'state', states: [1] },
    port('either', 80),
    address('either', '10.0.0.0/8'),
    { type: 'sample', threshold: WHOLE_SAMPLE / 2, ratio: 0.5 },
    { type: 'connection', cookie: 1n, netnsCookie: undefined, originId: undefined },
    { type: 'time', startNs: 1n, endNs: undefined },
    { type: 'where', test: () => true },
  ];
  const neutral = filterText(NO_FILTER);
  for (const filter of filters) {
    const narrows = filterText(kernelFilter([[filter]])) !== neutral;
    assert.equal(describePushDown(filter) !== undefined, narrows, filter.type);
  }
});
