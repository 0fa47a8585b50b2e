import { type EventObject, type Origin, type SlotMemory, stampPresence } from '@sockflow/core';
import * as fc from 'fast-check';

/** Words of the longest slot. */
export const SLOT_WORDS = 80;

export const anyWord: fc.Arbitrary<number> = fc.oneof(
  fc.nat({ max: 2 ** 32 - 1 }),
  fc.constantFrom(0, 1, 9, 10, 31, 32, 63, 64, 127, 128, 255, 256, 65535, 65536, 99_999_999),
  fc.constantFrom(0xffffffff, 0xffff0000, 0x80000000, 0x22222222, 0x2c5c0d22, 0x0a1f7f08),
);

export const anyOrigin: fc.Arbitrary<Origin> = fc.record(
  {
    id: fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ minLength: 200 })),
    hz: fc.constantFrom(100, 250, 300, 1000),
    clock: fc.record({
      bootNs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      realtimeNs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    }),
  },
  { requiredKeys: ['id'] },
);

const anyWords = fc.array(anyWord, { minLength: SLOT_WORDS, maxLength: SLOT_WORDS });

/** Fills a slot: with any bytes, or with those of a kind and op with its presence. */
export type FillSlot = (memory: SlotMemory) => void;

export const anySlot: fc.Arbitrary<FillSlot> = fc.oneof(
  anyWords.map((words) => (memory: SlotMemory) => memory.u32.set(words)),
  fc
    .tuple(
      anyWords,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 22 }),
      fc.constantFrom(2, 10),
      fc.integer({ min: 0, max: 60 }),
    )
    .map(([words, kind, op, family, headerBytes]) => ({ u32: m }: SlotMemory) => {
      m.set(words);
      m[0] = 312;
      m[2] = (m[2]! & 0xffff0000) | (op << 8) | kind;
      m[3] = (m[3]! & 0xf0ffffff) | (family << 24);
      m[64] = (headerBytes << 16) | 1;
      stampPresence(m, 0, 0xffffffff, 0xffffffff);
    }),
);

const WIDE = { bytesReceived: 18, bytesAcked: 19, rttSumUs: 18 } as const;

/** An event's object with all 64 bits of every field of that width, as bigints. */
export function exactObject(object: EventObject, memory: SlotMemory): Record<string, unknown> {
  const exact: Record<string, unknown> = { ...object };
  for (const [name, index] of Object.entries(WIDE))
    if (exact[name] !== undefined) exact[name] = memory.big[index]!;
  return exact;
}
