import {
  kindAndOpTests,
  numberCode,
  presenceOf,
  type WordCode,
} from '../../schema/accessor-code.ts';
import type { AccessorSpec } from '../../schema/accessor-spec.ts';
import { ACCESSORS } from '../../schema/accessors.ts';

const HEADER_SECTION_OFFSET = 256;
const HEADER_MAX_BYTES = 60;

/** `hz` in the code is the origin's, 0 where it is not known. */
const SPECIAL: Readonly<Record<string, (word: WordCode) => string>> = {
  tsUs: (word) => `${word(20)} * 4294967.296 + ${word(16)} / 1000`,
  rtoUs: (word) => `(${word(100)} * 1_000_000) / hz`,
  tcpHeaderLength: (word) => `Math.min(${word(HEADER_SECTION_OFFSET)} >>> 16, ${HEADER_MAX_BYTES})`,
};

function isNumeric(accessor: AccessorSpec): boolean {
  const { read, name } = accessor;
  if (read.how === 'special') return SPECIAL[name] !== undefined;
  return ['number', 'safe', 'port', 'boolean'].includes(read.how);
}

/** The accessors whose values are numbers or booleans, by name. */
export const NUMERIC_ACCESSORS: ReadonlyMap<string, AccessorSpec> = new Map(
  ACCESSORS.filter(isNumeric).map((accessor) => [accessor.name, accessor]),
);

/** The value where it is there. A u64 below 2^32 takes no floating point: 25 ns instead of 28 for all fields (docs/adr/0011-fold-fields.md). */
function presentCode(accessor: AccessorSpec, word: WordCode): string {
  const { read, name } = accessor;
  switch (read.how) {
    case 'number':
      return numberCode(read, word);
    case 'boolean':
      return `(${word(read.offset)} >>> ${read.shift}) & 1`;
    case 'port': {
      const raw = word(read.offset);
      return `((${raw} & 0xff) << 8) | ((${raw} >>> 8) & 0xff)`;
    }
    case 'safe': {
      const [low, high] = [word(read.offset), word(read.offset + 4)];
      return `${high} === 0 ? ${low} : ${high} * 4294967296 + ${low}`;
    }
    case 'special':
      return SPECIAL[name]!(word);
    case 'address':
    case 'bigint':
    case 'comm':
    case 'words':
      throw new Error(`${name} is no number`);
  }
}

function absenceTests(accessor: AccessorSpec, isSure: boolean, word: WordCode): string[] {
  const tests: string[] = [];
  if (accessor.field !== undefined && !isSure) {
    const { offset, mask } = presenceOf(accessor.field);
    tests.push(`(${word(offset)} & 0x${mask.toString(16)}) === 0`);
  }
  tests.push(...kindAndOpTests(accessor, word));
  if (accessor.name === 'rtoUs') tests.push('hz === 0');
  const { read } = accessor;
  if (read.how === 'number' && read.none !== undefined) {
    tests.push(`${word(read.offset)} === 0x${read.none.toString(16)}`);
  }
  return tests;
}

/** Whether all that decides is the presence bit, and the value is an integer of 32 bits: then absent is a mask, not a jump. */
function isMaskable(accessor: AccessorSpec): boolean {
  const { read } = accessor;
  if (accessor.kind !== undefined || accessor.ops !== undefined) return false;
  if (read.how === 'number') return read.none === undefined && read.signed !== true;
  return read.how === 'boolean' || read.how === 'port';
}

/** All bits where the field's presence bit is set, none where it is not. */
function spreadPresence(fieldName: string, word: WordCode): string {
  const { offset, mask } = presenceOf(fieldName);
  return `((${word(offset)} << ${Math.clz32(mask)}) >> 31)`;
}

/**
 * Code of an accessor's value, or of `absent`, as the view has it; booleans are 1 and 0. `absent` in the code is a constant.
 *
 * @param isSure whether the presence bit is known to be set
 * @param isAbsentZero whether `absent` is 0
 */
export function valueCode(
  accessor: AccessorSpec,
  isSure: boolean,
  isAbsentZero: boolean,
  word: WordCode,
): string {
  const tests = absenceTests(accessor, isSure, word);
  const value = presentCode(accessor, word);
  if (tests.length === 0) return value;
  if (isAbsentZero && accessor.field !== undefined && isMaskable(accessor)) {
    return `((${value}) & ${spreadPresence(accessor.field, word)}) >>> 0`;
  }
  return `(${tests.join(' || ')}) ? absent : (${value})`;
}
