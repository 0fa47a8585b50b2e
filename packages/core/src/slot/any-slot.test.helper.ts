import * as fc from 'fast-check';

import { EVENT_FIELDS } from '../schema/event-fields.ts';
import { stampPresence } from '../schema/generated/presence.ts';
import { Kind } from '../schema/kind.ts';
import { laneKey } from '../schema/lane-key.ts';
import { Op } from '../schema/op.ts';

/** Words of a slot with the TCP header's section. */
export const LONG_SLOT_WORDS = 80;
const PLAIN_SLOT_WORDS = 64;
const METRICS_END_WORD = 64;
const OVERLAY_WORD = 36;
const ARGS_WORD = 24;

const anyWord: fc.Arbitrary<number> = fc.oneof(
  fc.nat({ max: 2 ** 32 - 1 }),
  fc.constantFrom(0, 1, 7, 8, 255, 256, 65535, 65536, 99_999_999),
  fc.constantFrom(0xffffffff, 0xffff0000, 0x80000000, 0x22222222, 0x0a1f7f08, 0x7fffffff),
);

/** A slot as some source could have written it: any bytes, with the kind, the lane key and the presence that belong to them. */
export const anySlotWords: fc.Arbitrary<Uint32Array> = fc
  .record({
    words: fc.array(anyWord, { minLength: LONG_SLOT_WORDS, maxLength: LONG_SLOT_WORDS }),
    kind: fc.constantFrom(Kind.OP, Kind.OP, Kind.OP, Kind.RTT_SUMMARY, Kind.SNAPSHOT),
    op: fc.integer({ min: 0, max: 23 }),
    family: fc.constantFrom(2, 10, 10, 1),
    isMapped: fc.boolean(),
    headerBytes: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60 })),
    hasRtt: fc.boolean(),
    capturedLow: fc.oneof(fc.constant(0xffffffff), anyWord),
    capturedHigh: fc.oneof(fc.constant(0xffffffff), anyWord),
  })
  .map(({ words, kind, op, family, isMapped, headerBytes, hasRtt, ...captured }) => {
    const m = Uint32Array.from(words);
    const hasHeader = kind !== Kind.RTT_SUMMARY && headerBytes > 0;
    m[0] = (hasHeader ? LONG_SLOT_WORDS : PLAIN_SLOT_WORDS) * 4 - 8;
    m[1] = 0;
    m[2] = (m[2]! & 0xffff0000) | ((kind === Kind.OP ? op : 0) << 8) | kind;
    m[3] = (m[3]! & 0xf0ffffff) | (family << 24);
    if (isMapped) m.set([0, 0, 0xffff0000], 16);
    if (!hasRtt) m[44] = 0xffffffff;
    m[11] = laneKey(m[6]!, m[7]!);
    if (hasHeader) m[64] = (headerBytes << 16) | 1;
    else m.fill(0, PLAIN_SLOT_WORDS);
    m.fill(0, 65 + Math.ceil((hasHeader ? headerBytes : 0) / 4));
    const always = 0x7765;
    stampPresence(m, 0, captured.capturedLow | always, captured.capturedHigh);
    return m;
  });

function clearField(
  m: Uint32Array,
  offset: number,
  type: string,
  bits: { shift: number; width: number } | undefined,
): void {
  const bytes = new Uint8Array(m.buffer, m.byteOffset, m.byteLength);
  if (bits !== undefined) bytes[offset]! &= ~(((1 << bits.width) - 1) << bits.shift);
  else bytes.fill(0, offset, offset + ({ u8: 1, u16: 2, u32: 4, u64: 8 }[type] ?? 16));
}

function isGiven(m: Uint32Array, bit: number): boolean {
  return ((m[14 + (bit >>> 5)]! >>> (bit & 31)) & 1) === 1;
}

/** Arguments that objects of an op have, and what they have of each. */
const ARGUMENT_MASKS: Readonly<Record<number, readonly number[]>> = {
  [Op.RTO_CB]: [0xffffffff, 0xffffffff, 1],
  [Op.RETRANS_CB]: [0xffffffff, 0xffffffff, 0xffffffff],
  [Op.STATE_CB]: [0xffffffff, 0xffffffff],
  [Op.RTT_CB]: [0xffffffff, 0xfffffff8],
  [Op.HDR_OPT_LEN_CB]: [0xffffffff],
  [Op.WRITE_HDR_OPT_CB]: [0xffffffff],
};

/** Whether all metrics but the minimum RTT are there: its absence is told by them. */
function hasOtherMetrics(m: Uint32Array): boolean {
  return (m[14]! & 0xb6000012) >>> 0 === 0xb6000012 && (m[15]! & 0xffff) === 0xffff;
}

/**
 * A slot without what objects do not have: the bytes of absent fields, parts of microseconds, arguments without a name, text after a NUL, `has_skb` where nothing depends on it.
 * The table of docs/specs/event-objects.md, as code.
 */
export function asObjectsHaveIt(slot: Uint32Array): Uint32Array {
  const m = Uint32Array.from(slot);
  const [kind, op] = [m[2]! & 255, (m[2]! >>> 8) & 255];
  const overlay = m.slice(OVERLAY_WORD, METRICS_END_WORD);
  for (const { offset, type, bits, bit, name, presence } of EVENT_FIELDS) {
    if (presence === 'header' || name === 'has_skb' || isGiven(m, bit)) continue;
    clearField(m, offset, type, bits);
  }
  // The pid decides whether a socket has an owner: its command alone is not one.
  if (!isGiven(m, 21)) m[14]! &= ~(1 << 24);
  if (kind === Kind.RTT_SUMMARY) m.set(overlay, OVERLAY_WORD);
  else clearMetrics(m);
  const isHeaderGiven = isGiven(m, 50);
  if (!isHeaderGiven) {
    m.fill(0, PLAIN_SLOT_WORDS);
    m[0] = PLAIN_SLOT_WORDS * 4 - 8;
  }
  clearArguments(m, op);
  clearComm(m);
  clearPadding(m);
  const isSkbByBit =
    kind !== Kind.RTT_SUMMARY && (op === 4 || op === 5 || op === 13 || op === 15 || op > 20);
  const hasSkb = isSkbByBit && (isGiven(m, 3) || isGiven(m, 48) || isHeaderGiven);
  m[3] = (m[3]! & 0x7fffffff) | (hasSkb ? 0x80000000 : 0);
  return m.slice(0, (m[0]! + 8) / 4);
}

function clearMetrics(m: Uint32Array): void {
  m[43]! &= ~7;
  if (m[44] !== 0xffffffff && isGiven(m, 30)) return;
  const isInferred = hasOtherMetrics(m);
  m[44] = isInferred ? 0xffffffff : 0;
  m[14] = isInferred ? m[14]! | (1 << 30) : m[14]! & ~(1 << 30);
}

function clearArguments(m: Uint32Array, op: number): void {
  const masks = ARGUMENT_MASKS[op];
  if (masks === undefined) return;
  for (let index = 0; index < 4; index++) m[ARGS_WORD + index]! &= masks[index] ?? 0;
  if (op === Op.RTT_CB && isGiven(m, 19) && m[ARGS_WORD] === 0 && m[ARGS_WORD + 1] === 0)
    m[ARGS_WORD + 1] = 1;
}

function clearComm(m: Uint32Array): void {
  const comm = new Uint8Array(m.buffer, 128, 16);
  const end = comm.indexOf(0);
  if (end >= 0) comm.fill(0, end);
}

function clearPadding(m: Uint32Array): void {
  if (m[0] === PLAIN_SLOT_WORDS * 4 - 8) return;
  const headerEnd = 260 + (m[64]! >>> 16);
  new Uint8Array(m.buffer).fill(0, headerEnd);
}
