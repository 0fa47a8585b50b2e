import * as fc from 'fast-check';

import type { PlanFilter } from '../../contracts/filter.ts';
import { parseNetwork } from '../parse-network.ts';
import { COOKIES, PORTS } from '../random-events.test.helper.ts';

/* Filters that hit and miss the random events about as often. */

const end = fc.constantFrom('either' as const, 'local' as const, 'remote' as const);
const someFlags = fc.constantFrom(0, 0, 1, 2, 4, 8, 3, 0x12, 0x48);
const u64 = fc.bigInt(0n, 2200n);
const op = fc.oneof(fc.constantFrom(3, 4, 9, 10, 12, 13, 14, 19), fc.nat(255));

const NETWORKS = [
  '10.0.0.0/8',
  '10.0.0.1',
  '10.0.1.0/24',
  '192.168.0.0/16',
  '0.0.0.0/0',
  '::/0',
  'fd03::/32',
  'fd03::1',
  'fd03:1::/32',
  '::ffff:10.0.0.0/104',
  '::/80',
].map(parseNetwork);

export const anyFilter: fc.Arbitrary<PlanFilter> = fc.oneof(
  fc.record({
    type: fc.constant('op' as const),
    ops: fc.array(op, { minLength: 1, maxLength: 6 }),
  }),
  fc.record({
    type: fc.constant('kind' as const),
    kinds: fc.subarray([1, 2, 3], { minLength: 1 }),
  }),
  fc.record({
    type: fc.constant('flags' as const),
    field: fc.constantFrom('cb' as const, 'tcp' as const, 'ecn' as const),
    any: someFlags,
    all: someFlags,
    none: someFlags,
  }),
  fc.record({
    type: fc.constant('state' as const),
    states: fc.array(fc.oneof(fc.integer({ min: 1, max: 13 }), fc.nat(255)), {
      minLength: 1,
      maxLength: 5,
    }),
  }),
  fc.record({
    type: fc.constant('port' as const),
    end,
    ports: fc.array(fc.oneof(fc.constantFrom(...PORTS), fc.nat(65535)), {
      minLength: 1,
      maxLength: 7,
    }),
  }),
  fc.record({
    type: fc.constant('address' as const),
    end,
    networks: fc.subarray(NETWORKS, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant('connection' as const),
    originId: fc.constantFrom(undefined, 'boot-a', 'boot-b "quoted"\n'),
    netnsCookie: fc.constantFrom(undefined, undefined, 1n, 4026531840n),
    cookie: fc.constantFrom(...COOKIES),
  }),
  fc.record({
    type: fc.constant('sample' as const),
    threshold: fc.nat(2 ** 24),
    ratio: fc.constant(0.5),
  }),
  fc.record({
    type: fc.constant('time' as const),
    startNs: fc.option(u64, { nil: undefined }),
    endNs: fc.option(u64, { nil: undefined }),
  }),
  fc.constantFrom<PlanFilter>(
    { type: 'where', test: (event) => event.localPort === 443 || event.op === 12 },
    { type: 'where', test: (event) => (event.srttUs ?? 0) % 2 === 0 },
  ),
);

export const anyPlan: fc.Arbitrary<PlanFilter[]> = fc.array(anyFilter, { maxLength: 4 });
