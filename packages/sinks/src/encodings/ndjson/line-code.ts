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

import { TextTable } from '../bytes/text-table.ts';

/*
 * Statements that write one accessor's `"name":value,` from the slot at word `w` of `m`. They use, of the surrounding function (compile-line.ts):
 *
 *   m, w           memory and slot                  bytes, view, p   where to write; p moves on
 *   kind, op       of the slot                      low, high        the presence word
 *   origin         OriginText of the batch          v                scratch
 */
const PRESENCE_BITS = new Map(EVENT_FIELDS.map((field) => [field.name, field.bit]));
const MAX_UINT64_DIGITS = 20;
const MAX_NUMBER_TEXT = 25;
const MAX_ADDRESS_TEXT = 39;
const MAX_COMM_TEXT = 96;
const MAX_HEADER_TEXT = 120;
const TCP_FLAG_SETS = 512;
const MAX_TCP_FLAG_TEXT = 64;

/** Code of one accessor, and the most bytes it writes. */
export interface AccessorCode {
  readonly code: string;
  readonly maxBytes: number;
}

/** Texts that generated code looks up: each becomes a parameter of it. */
export type Tables = TextTable[];

/** Stores of a constant text, 8 and 4 bytes at a time: the last store may reach beyond its end. */
function constantText(text: string): string {
  const bytes = new Uint8Array(Math.ceil(text.length / 8) * 8);
  new TextEncoder().encodeInto(text, bytes);
  const view = new DataView(bytes.buffer);
  const stores: string[] = [];
  for (let at = 0; at < text.length;) {
    if (text.length - at > 4) {
      stores.push(`view.setFloat64(p + ${at}, ${view.getFloat64(at, true)}, true);`);
      at += 8;
    } else {
      stores.push(`view.setUint32(p + ${at}, ${view.getUint32(at, true)}, true);`);
      at += 4;
    }
  }
  return `${stores.join(' ')} p += ${text.length};`;
}

function word(offset: number): string {
  return `m[w + ${offset / 4}]`;
}

/** Both halves of a u64, as writeUint64 wants them. */
function halves(offset: number): string {
  return `${word(offset)} | 0, ${word(offset + 4)} | 0`;
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

function condition(accessor: AccessorSpec): string | undefined {
  const tests: string[] = [];
  if (accessor.field !== undefined) tests.push(isPresent(accessor.field));
  if (accessor.kind !== undefined) tests.push(`kind === ${accessor.kind}`);
  if (accessor.ops !== undefined && !isImplied(accessor))
    tests.push(`(${accessor.ops.map((op) => `op === ${op}`).join(' || ')})`);
  if (accessor.object === 'unknownOps') tests.push(`op > ${LAST_KNOWN_OP}`);
  return tests.length === 0 ? undefined : tests.join(' && ');
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

function addTable(tables: Tables, name: string, values: readonly unknown[]): TextTable {
  const table = new TextTable(values.map((value) => `"${name}":${JSON.stringify(value)},`));
  tables.push(table);
  return table;
}

function fromTable(tables: Tables, index: string): string {
  return `p = writeText(view, p, table${tables.length - 1}, ${index});`;
}

function quoted(name: string, value: string): string {
  return `${constantText(`"${name}":"`)} p = ${value}; view.setUint16(p, 0x2c22, true); p += 2;`;
}

function unquoted(name: string, value: string): string {
  return `${constantText(`"${name}":`)} p = ${value}; bytes[p++] = 44;`;
}

const WRITE_V = 'v < 10 ? ((bytes[p] = 48 + v), p + 1) : writeUint32(view, p, v | 0)';

function numberRead(read: Extract<AccessorSpec['read'], { how: 'number' }>): string {
  const base =
    read.shift === undefined ? word(read.offset) : `${word(read.offset)} >>> ${read.shift}`;
  return read.mask === undefined ? base : `(${base}) & ${read.mask}`;
}

function numberCode(
  accessor: AccessorSpec,
  read: Extract<AccessorSpec['read'], { how: 'number' }>,
  tables: Tables,
): string {
  const { name, object = 'same' } = accessor;
  const value = `v = ${numberRead(read)};`;
  if (read.signed === true)
    return `${constantText(`"${name}":`)} v = ${word(read.offset)} | 0; if (v < 0) { bytes[p++] = 45; v = -v; } p = ${WRITE_V}; bytes[p++] = 44;`;
  if (object === 'same' || object === 'unknownOps') {
    const write = unquoted(name, WRITE_V);
    return read.none === undefined
      ? `${value} ${write}`
      : `${value} if (v !== ${read.none}) { ${write} }`;
  }
  const names = NAMES[object];
  if (names === undefined) throw new Error(`no names for ${name}`);
  addTable(tables, name, names);
  // Tables name every byte; flag sets beyond the table are put together, other words beyond it are named by their number.
  const beyond =
    object === 'tcpFlags' ? 'writeTcpFlagText(bytes, p, v)' : 'writeUnknown(bytes, p, v)';
  const isByte = read.mask !== undefined && read.mask < names.length;
  const rest = isByte ? '' : `else { ${quoted(name, beyond)} }`;
  return `${value} if (v < ${names.length}) ${fromTable(tables, 'v')} ${rest}`;
}

function wordsCode(name: string, offset: number, count: number): string {
  const element = `v = m[w + ${offset / 4} + i]; p = ${WRITE_V}; bytes[p++] = 44;`;
  const loop = `for (let i = 0; i < ${count}; i++) { ${element} }`;
  return `${constantText(`"${name}":[`)} ${loop} view.setUint16(p - 1, 0x2c5d, true); p += 1;`;
}

function addressCode(name: string, end: 'local' | 'remote'): string {
  const ip4 = quoted(name, `writeIp4(bytes, p, ${word(end === 'remote' ? 48 : 52)} | 0)`);
  const ip6 = quoted(name, `writeIp6(bytes, p, m, w + ${end === 'remote' ? 16 : 20})`);
  return `if (${isPresent(`${end}_ip4`)}) { ${ip4} } else if (${isPresent(`${end}_ip6`)}) { ${ip6} }`;
}

function specialCode(name: string): string {
  switch (name) {
    case 'originId':
      return 'p = writeText(view, p, origin.id, 0);';
    case 'wallNs':
      return `if (origin.hasClock) { ${quoted(name, `writeWallNs(bytes, view, p, ${halves(16)}, origin)`)} }`;
    case 'rtoUs':
      return `if (origin.hz !== 0) { ${unquoted(name, 'writeNumber(bytes, view, p, (m[w + 25] * 1000000) / origin.hz)')} }`;
    case 'tcpHeaderHex':
      return quoted(name, 'writeHeaderHex(bytes, p, m, w + 64)');
    default:
      throw new Error(`no code for ${name}`);
  }
}

function valueCode(accessor: AccessorSpec, tables: Tables): string {
  const { name, read } = accessor;
  switch (read.how) {
    case 'number':
      return numberCode(accessor, read, tables);
    case 'safe':
      return unquoted(name, `writeSafe(bytes, view, p, ${halves(read.offset)})`);
    case 'bigint':
      return quoted(name, `writeUint64(view, p, ${halves(read.offset)})`);
    case 'port': {
      const value = `v = ${word(read.offset - (read.offset % 4))} & 0xffff; v = ((v & 255) << 8) | (v >>> 8);`;
      return `${value} ${unquoted(name, WRITE_V)}`;
    }
    case 'boolean':
      addTable(tables, name, [false, true]);
      return fromTable(tables, `(${word(read.offset)} >>> ${read.shift}) & 1`);
    case 'address':
      return addressCode(name, read.end);
    case 'comm':
      return quoted(name, `writeComm(bytes, p, m, w + ${read.offset / 4})`);
    case 'words':
      return wordsCode(name, read.offset, read.count);
    case 'special':
      return specialCode(name);
  }
}

function maxValueBytes(accessor: AccessorSpec): number {
  const { read } = accessor;
  if (read.how === 'address') return MAX_ADDRESS_TEXT;
  if (read.how === 'comm') return MAX_COMM_TEXT;
  if (read.how === 'words') return (MAX_UINT64_DIGITS + 1) * read.count;
  if (read.how === 'bigint') return MAX_UINT64_DIGITS;
  if (accessor.name === 'tcpHeaderHex') return MAX_HEADER_TEXT;
  if (accessor.object === 'tcpFlags') return MAX_TCP_FLAG_TEXT;
  return MAX_NUMBER_TEXT;
}

/** Code of one accessor; adds the tables it looks up to `tables`. */
export function accessorCode(accessor: AccessorSpec, tables: Tables): AccessorCode {
  const before = tables.length;
  const test = condition(accessor);
  const value = valueCode(accessor, tables);
  const longest = tables
    .slice(before)
    .reduce((most, table) => Math.max(most, table.longestBytes), 0);
  const quotes = '"":"",'.length;
  return {
    code: test === undefined ? value : `if (${test}) { ${value} }`,
    maxBytes: Math.max(longest, accessor.name.length + quotes + maxValueBytes(accessor)),
  };
}
