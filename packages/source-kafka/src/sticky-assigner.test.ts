import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as fc from 'fast-check';

import { type Claim, stickyAssigner, stickyProtocol } from './sticky-assigner.ts';

type Dealt = Map<string, string[]>;

/** Deals partitions of a topic to members by what they claim. */
function deal(partitions: number, claims: Readonly<Record<string, Claim | string>>): Dealt {
  const members = new Map(
    Object.entries(claims).map(([memberId, claim]) => [
      memberId,
      {
        memberId,
        version: 0,
        topics: ['events'],
        metadata: typeof claim === 'string' ? claim : stickyProtocol(() => claim).metadata,
      },
    ]),
  );
  const metadata = { topics: new Map([['events', { partitionsCount: partitions }]]) };
  const dealt = stickyAssigner('a', members, new Set(['events']), metadata as never);
  return new Map(
    dealt.map(({ memberId, assignments }) => [
      memberId,
      [...assignments.values()].flatMap((own) => own.partitions.map(String)).toSorted(),
    ]),
  );
}

function claimOf(generation: number, ...partitions: number[]): Claim {
  return { generation, owned: [{ topic: 'events', partitions }] };
}

describe('how partitions are dealt', () => {
  test('leaves members what they have when one comes, and takes as few as it must', () => {
    const claims = { a: claimOf(3, 0, 1, 2), b: claimOf(3, 3, 4, 5), c: claimOf(-1) };
    const dealt = deal(6, claims);
    assert.deepEqual(Object.fromEntries(dealt), { a: ['0', '1'], b: ['3', '4'], c: ['2', '5'] });
  });

  test('leaves one more to who has it', () => {
    const claims = { a: claimOf(1, 0, 1), b: claimOf(1, 2, 3, 4) };
    assert.deepEqual(Object.fromEntries(deal(5, claims)), { a: ['0', '1'], b: ['2', '3', '4'] });
  });

  test('believes the newer of two claims, and no nonsense', () => {
    const claims = { a: claimOf(1, 0), b: claimOf(4, 0), c: '{"owned":5}', d: 'x' };
    assert.ok(deal(4, claims).get('b')?.includes('0'));
  });

  test('gives every partition to one member, and to each the same number, one more or less', () => {
    const claim = fc.record({
      generation: fc.integer({ min: -1, max: 3 }),
      owned: fc.array(
        fc.record({
          topic: fc.constantFrom('events', 'other'),
          partitions: fc.array(fc.nat(12), { maxLength: 12 }),
        }),
        { maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(
        fc.nat(12),
        fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), claim, { minKeys: 1 }),
        (partitions, claims) => {
          const dealt = deal(partitions, claims);
          const all = [...dealt.values()].flat().map(Number);
          assert.deepEqual(
            all.toSorted((a, b) => a - b),
            Array.from({ length: partitions }, (_, index) => index),
          );
          const sizes = [...dealt.values()].map((own) => own.length);
          assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, String(sizes));
        },
      ),
    );
  });
});
