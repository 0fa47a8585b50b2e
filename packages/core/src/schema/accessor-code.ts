import type { AccessorSpec } from './accessor-spec.ts';
import { EVENT_FIELDS } from './event-fields.ts';

/*
 * JavaScript of what an accessor does, for those who write code: the generator of the view class, at build time, and the generated loops of `foldFields`. How a word of
 * the slot is read is theirs to say, so that a shift or a mask stands here alone.
 */

/** Code that reads the u32 at byte `offset` of the slot. */
export type WordCode = (offset: number) => string;

const BITS = new Map(EVENT_FIELDS.map((field) => [field.name, field.bit]));
const PRESENCE_OFFSET = 56;

/** The presence bit of a field: the byte offset of its word, and its mask there, unsigned. */
export function presenceOf(fieldName: string): { readonly offset: number; readonly mask: number } {
  const bit = BITS.get(fieldName);
  if (bit === undefined) throw new Error(`no field ${fieldName}`);
  return { offset: PRESENCE_OFFSET + (bit >>> 5) * 4, mask: (1 << (bit & 31)) >>> 0 };
}

/** True where the field's presence bit is not set. */
export function presenceTest(fieldName: string, word: WordCode): string {
  const { offset, mask } = presenceOf(fieldName);
  return `(${word(offset)} & 0x${mask.toString(16)}) === 0`;
}

/** True where the op is none of `ops`, which follow one another. */
function opTest(ops: readonly number[], word: WordCode): string {
  const op = `((${word(8)} >>> 8) & 0xff)`;
  const first = Math.min(...ops);
  const last = Math.max(...ops);
  if (last - first + 1 !== ops.length) throw new Error(`ops ${ops.join()} have gaps`);
  return first === last ? `${op} !== ${first}` : `(${op} - ${first}) >>> 0 > ${last - first}`;
}

/** Whether the presence bit of an accessor's field is set for its ops alone: then it need not look at the op. */
function isImplied(accessor: AccessorSpec): boolean {
  return accessor.field === 'tskey';
}

/** True where the slot is not of the accessor's kind, or not of its ops; none where it has neither. */
export function kindAndOpTests(accessor: AccessorSpec, word: WordCode): string[] {
  const tests: string[] = [];
  if (accessor.kind !== undefined) tests.push(`(${word(8)} & 0xff) !== ${accessor.kind}`);
  if (accessor.ops !== undefined && !isImplied(accessor)) tests.push(opTest(accessor.ops, word));
  return tests;
}

/** The condition under which an accessor's value is absent whatever its bytes are, or none. */
export function absenceTest(accessor: AccessorSpec, word: WordCode): string | undefined {
  const tests = accessor.field === undefined ? [] : [presenceTest(accessor.field, word)];
  tests.push(...kindAndOpTests(accessor, word));
  return tests.length === 0 ? undefined : tests.join(' || ');
}

/** The value of a `number` read. */
export function numberCode(
  read: Extract<AccessorSpec['read'], { how: 'number' }>,
  word: WordCode,
): string {
  const { shift = 0, mask } = read;
  const base = word(read.offset);
  if (read.signed === true) return `${base} | 0`;
  const shifted = shift === 0 ? base : `${base} >>> ${shift}`;
  if (mask === undefined || mask * 2 ** shift >= 2 ** 32 - 2 ** shift) return shifted;
  return shift === 0 ? `${base} & 0x${mask.toString(16)}` : `(${shifted}) & 0x${mask.toString(16)}`;
}
