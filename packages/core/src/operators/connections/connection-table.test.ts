import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { ConnectionEntry } from './connection-entry.ts';
import { ConnectionTable } from './connection-table.ts';

/** The words of a slot that a connection is known by. */
function slotOf(key: readonly [number, number, number, number]): Uint32Array {
  const words = new Uint32Array(64);
  words.set(key, 6);
  return words;
}

/* Few values, so that hashes meet: of each key the test chooses the hash itself. */
const half = fc.constantFrom(0, 1, 0xffffffff);
const keys = fc.record(
  {
    key: fc.tuple(half, half, half, half),
    origin: fc.nat(1),
    hash: fc.constantFrom(0, 1, 62, 63, 64, 127, 0xffffffff),
  },
  { noNullPrototype: true },
);

test('connections are found by their whole key, added and removed in any order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ of: keys, removes: fc.boolean() }), { maxLength: 300 }),
      (steps) => {
        const table = new ConnectionTable<number>();
        const model = new Map<string, ConnectionEntry<number>>();
        for (const { of, removes } of steps) {
          const slot = slotOf(of.key);
          const name = JSON.stringify(of);
          const known = model.get(name);
          assert.equal(table.find(slot, 0, of.origin, of.hash), known);
          if (known === undefined) {
            const entry = new ConnectionEntry(slot, 0, of.origin, of.hash, 0, 0);
            table.add(entry);
            model.set(name, entry);
          } else if (removes) {
            table.remove(known);
            model.delete(name);
          }
          assert.equal(table.size, model.size);
        }
        for (const [name, entry] of model) {
          const of = JSON.parse(name) as (typeof steps)[number]['of'];
          assert.equal(table.find(slotOf(of.key), 0, of.origin, of.hash), entry);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('the hash of a slot tells origins and namespaces apart and leaves no pattern of the cookies', () => {
  const hashes = new Set<number>();
  const words = new Uint32Array(64);
  for (let origin = 0; origin < 4; origin++) {
    for (let netns = 0; netns < 16; netns++) {
      words[8] = netns;
      words[9] = 1;
      words[11] = 0x12345678;
      hashes.add(ConnectionTable.hash(words, 0, origin) & 1023);
    }
  }
  assert.ok(hashes.size > 48, `${hashes.size} of 64 places`);
});
