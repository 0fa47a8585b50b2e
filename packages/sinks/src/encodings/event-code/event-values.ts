import {
  type AccessorSpec,
  CB_FLAG_TEXTS,
  ECN_FLAG_TEXTS,
  EVENT_FIELDS,
  FAMILY_NAMES,
  KIND_NAMES,
  LAST_KNOWN_OP,
  type ObjectForm,
  OP_NAMES,
  ROLE_NAMES,
  TCP_STATE_NAMES,
  tcpFlagText,
} from '@sockflow/core';

/*
 * What there is to write of an event, field by field, worked out once from core's table of accessors; how it looks is an encoding's own (EventDialect).
 * Expressions read the slot at word `w` of `m`, and use of the surrounding function (compile-event.ts):
 *
 *   kind, op       of the slot            low, high   the presence word
 *   origin         OriginText             v           scratch
 */
const PRESENCE_BITS = new Map(EVENT_FIELDS.map((field) => [field.name, field.bit]));
const TCP_FLAG_SETS = 512;

/** A value of an event as generated code gets at it. */
export type EventValue =
  /** A number below 2^32, as a number or as an i32. */
  | { readonly is: 'uint32'; readonly read: string }
  | { readonly is: 'int32'; readonly read: string }
  /** 64 bits, the halves as i32; `isSafe`: a number in objects, exact to 2^53. */
  | {
      readonly is: 'uint64';
      readonly low: string;
      readonly high: string;
      readonly isSafe: boolean;
    }
  /** Any number. */
  | { readonly is: 'number'; readonly read: string }
  | { readonly is: 'wallNs'; readonly low: string; readonly high: string }
  | { readonly is: 'boolean'; readonly read: string }
  /** One of `names`, by index; `beyond` them, where an index can be: put together from flags, or named by its number. */
  | {
      readonly is: 'name';
      readonly read: string;
      readonly names: readonly string[];
      readonly beyond: 'tcpFlags' | 'unknown' | undefined;
    }
  /** An IPv4 address: the word in network byte order. */
  | { readonly is: 'ip4'; readonly word: string }
  /** An IPv6 address, a command name and a captured header: where they start, a word index. */
  | { readonly is: 'ip6' | 'comm' | 'headerHex'; readonly at: string }
  /** `count` numbers below 2^32 from word index `at`. */
  | { readonly is: 'words'; readonly at: number; readonly count: number }
  | { readonly is: 'originId' };

/** A value, and when an event has it; always, where there is no test. */
export interface EventCase {
  readonly test: string | undefined;
  readonly value: EventValue;
}

function word(offset: number): string {
  return `m[w + ${offset / 4}]`;
}

/** Both halves of a u64. */
function halves(offset: number): { readonly low: string; readonly high: string } {
  return { low: `${word(offset)} | 0`, high: `${word(offset + 4)} | 0` };
}

function isPresent(fieldName: string): string {
  const bit = PRESENCE_BITS.get(fieldName);
  if (bit === undefined) throw new Error(`no field ${fieldName}`);
  return `(${bit < 32 ? 'low' : 'high'} & ${1 << (bit & 31)}) !== 0`;
}

/** Whether the presence bit of an accessor's field is set for its ops alone. */
function isImplied(accessor: AccessorSpec): boolean {
  return accessor.field === 'tskey';
}

function testsOf(accessor: AccessorSpec): string[] {
  const { field, kind, ops, object, read } = accessor;
  const tests: string[] = [];
  if (field !== undefined) tests.push(isPresent(field));
  if (kind !== undefined) tests.push(`kind === ${kind}`);
  if (ops !== undefined && !isImplied(accessor))
    tests.push(`(${ops.map((op) => `op === ${op}`).join(' || ')})`);
  if (object === 'unknownOps') tests.push(`op > ${LAST_KNOWN_OP}`);
  if (read.how === 'number' && read.none !== undefined)
    tests.push(`${word(read.offset)} !== ${read.none}`);
  return tests;
}

const NAMES: Readonly<Partial<Record<ObjectForm, readonly string[]>>> = {
  op: OP_NAMES,
  kind: KIND_NAMES,
  state: TCP_STATE_NAMES,
  family: FAMILY_NAMES,
  role: ROLE_NAMES,
  cbFlags: CB_FLAG_TEXTS,
  ecnFlags: ECN_FLAG_TEXTS,
  tcpFlags: Array.from({ length: TCP_FLAG_SETS }, (_, flags) => tcpFlagText(flags)),
};

type NumberRead = Extract<AccessorSpec['read'], { how: 'number' }>;

function numberRead(read: NumberRead): string {
  const base =
    read.shift === undefined ? word(read.offset) : `${word(read.offset)} >>> ${read.shift}`;
  return read.mask === undefined ? base : `(${base}) & ${read.mask}`;
}

function numberValue({ name, object = 'same' }: AccessorSpec, read: NumberRead): EventValue {
  if (read.signed === true) return { is: 'int32', read: `${word(read.offset)} | 0` };
  if (object === 'same' || object === 'unknownOps') return { is: 'uint32', read: numberRead(read) };
  const names = NAMES[object];
  if (names === undefined) throw new Error(`no names for ${name}`);
  // Tables name every byte; flag sets beyond the table are put together, other words beyond it are named by their number.
  const isByte = read.mask !== undefined && read.mask < names.length;
  const beyond = object === 'tcpFlags' ? 'tcpFlags' : 'unknown';
  return { is: 'name', read: numberRead(read), names, beyond: isByte ? undefined : beyond };
}

function portRead(offset: number): string {
  const swapped = `${word(offset - (offset % 4))} & 0xffff`;
  return `(((${swapped}) & 255) << 8) | ((${swapped}) >>> 8)`;
}

function addressCases(end: 'local' | 'remote'): EventCase[] {
  const ip4 = `${word(end === 'remote' ? 48 : 52)} | 0`;
  const ip6 = `w + ${end === 'remote' ? 16 : 20}`;
  return [
    { test: isPresent(`${end}_ip4`), value: { is: 'ip4', word: ip4 } },
    { test: isPresent(`${end}_ip6`), value: { is: 'ip6', at: ip6 } },
  ];
}

function specialCase(name: string): EventCase {
  switch (name) {
    case 'originId':
      return { test: undefined, value: { is: 'originId' } };
    case 'wallNs':
      return { test: 'origin.hasClock', value: { is: 'wallNs', ...halves(16) } };
    case 'rtoUs':
      return {
        test: 'origin.hz !== 0',
        value: { is: 'number', read: '(m[w + 25] * 1000000) / origin.hz' },
      };
    case 'tcpHeaderHex':
      return { test: undefined, value: { is: 'headerHex', at: 'w + 64' } };
    default:
      throw new Error(`no code for ${name}`);
  }
}

function casesOf(accessor: AccessorSpec): EventCase[] {
  const { name, read } = accessor;
  const always = (value: EventValue): EventCase[] => [{ test: undefined, value }];
  switch (read.how) {
    case 'number':
      return always(numberValue(accessor, read));
    case 'safe':
    case 'bigint':
      return always({ is: 'uint64', ...halves(read.offset), isSafe: read.how === 'safe' });
    case 'port':
      return always({ is: 'uint32', read: portRead(read.offset) });
    case 'boolean':
      return always({ is: 'boolean', read: `(${word(read.offset)} >>> ${read.shift}) & 1` });
    case 'address':
      return addressCases(read.end);
    case 'comm':
      return always({ is: 'comm', at: `w + ${read.offset / 4}` });
    case 'words':
      return always({ is: 'words', at: read.offset / 4, count: read.count });
    case 'special':
      return [specialCase(name)];
  }
}

/** What an event may have of a field: the first case whose test holds; nothing where none does. */
export function eventCases(accessor: AccessorSpec): readonly EventCase[] {
  const tests = testsOf(accessor);
  return casesOf(accessor).map(({ test, value }) => {
    const all = test === undefined ? tests : [...tests, test];
    return { test: all.length === 0 ? undefined : all.join(' && '), value };
  });
}
