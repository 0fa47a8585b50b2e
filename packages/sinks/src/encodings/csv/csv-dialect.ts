import { TextTable } from '../bytes/text-table.ts';
import { writeCsvComm } from '../bytes/write-captured.ts';
import {
  type EventDialect,
  type Tables,
  WRITE_ORIGIN_ID,
  type WriteCode,
} from '../event-code/compile-event.ts';
import type { EventValue } from '../event-code/event-values.ts';
import { MAX_BYTES } from '../event-code/max-bytes.ts';
import { TEXT_HELPERS } from '../event-code/text-helpers.ts';
import { csvText } from './csv-text.ts';

const WRITE_V = 'v < 10 ? ((bytes[p] = 48 + v), p + 1) : writeUint32(view, p, v | 0)';
const MINUS = 'if (v < 0) { bytes[p++] = 45; v = -v; }';

/** A field and the comma behind it; `write` gives the position after what it wrote. */
function field(write: string, maxBytes: number, before = ''): WriteCode {
  return { code: `${before} p = ${write}; bytes[p++] = 44;`, maxBytes: maxBytes + 1 };
}

function fromTable(
  tables: Tables,
  values: readonly (string | boolean)[],
  index: string,
): WriteCode {
  const table = new TextTable(values.map((value) => `${csvText(String(value))},`));
  tables.push(table);
  return {
    code: `p = writeText(view, p, table${tables.length - 1}, ${index});`,
    maxBytes: table.longestBytes,
  };
}

function nameCode(
  { read, names, beyond }: Extract<EventValue, { is: 'name' }>,
  tables: Tables,
): WriteCode {
  const known = fromTable(tables, names, 'v');
  if (beyond === undefined) return { ...known, code: `v = ${read}; ${known.code}` };
  const write =
    beyond === 'tcpFlags' ? 'writeTcpFlagText(bytes, p, v)' : 'writeUnknown(bytes, p, v)';
  const other = field(write, MAX_BYTES.name);
  return {
    code: `v = ${read}; if (v < ${names.length}) { ${known.code} } else { ${other.code} }`,
    maxBytes: Math.max(known.maxBytes, other.maxBytes),
  };
}

/** A list as JSON has it, in quotes. */
function wordsCode(at: number, count: number): WriteCode {
  const loop = `for (let i = 0; i < ${count}; i++) { v = m[w + ${at} + i]; p = ${WRITE_V}; bytes[p++] = 44; }`;
  return {
    code: `view.setUint16(p, 0x5b22, true); p += 2; ${loop} bytes[p - 1] = 93; view.setUint16(p, 0x2c22, true); p += 2;`,
    maxBytes: (MAX_BYTES.uint64 + 1) * count + '"[]",'.length,
  };
}

function valueCode(_name: string, value: EventValue, tables: Tables): WriteCode {
  switch (value.is) {
    case 'uint32':
      return field(WRITE_V, MAX_BYTES.number, `v = ${value.read};`);
    case 'int32':
      return field(WRITE_V, MAX_BYTES.number, `v = ${value.read}; ${MINUS}`);
    case 'uint64':
      return field(`writeUint64(view, p, ${value.low}, ${value.high})`, MAX_BYTES.uint64);
    case 'number':
      return field(`writeNumber(bytes, view, p, ${value.read})`, MAX_BYTES.number);
    case 'wallNs':
      return field(
        `writeWallNs(bytes, view, p, ${value.low}, ${value.high}, origin)`,
        MAX_BYTES.number,
      );
    case 'boolean':
      return fromTable(tables, [false, true], value.read);
    case 'name':
      return nameCode(value, tables);
    case 'ip4':
      return field(`writeIp4(bytes, p, ${value.word})`, MAX_BYTES.address);
    case 'ip6':
      return field(`writeIp6(bytes, p, m, ${value.at})`, MAX_BYTES.address);
    case 'comm':
      return field(`writeCsvComm(bytes, p, m, ${value.at})`, MAX_BYTES.csvComm);
    case 'headerHex': {
      const isEmpty = `m[${value.at}] >>> 16 === 0`;
      const write = `writeHeaderHex(bytes, p, m, ${value.at})`;
      return field(
        `${isEmpty} ? (view.setUint16(p, 0x2222, true), p + 2) : ${write}`,
        MAX_BYTES.headerHex,
      );
    }
    case 'words':
      return wordsCode(value.at, value.count);
    case 'originId':
      return WRITE_ORIGIN_ID;
  }
}

/** How lines of CSV end: as RFC 4180 has it, or as tools for lines want it. */
export type CsvLineEnd = '\r\n' | '\n';

/** An event as one line of CSV; every field ends with a comma, the last one gives way to the line end. A line of one empty field has quotes (see csvLine). */
export function csvDialect(lineEnd: CsvLineEnd): EventDialect {
  const writeEnd =
    lineEnd === '\n' ? 'bytes[p++] = 10;' : 'view.setUint16(p, 0x0a0d, true); p += 2;';
  return {
    helpers: { ...TEXT_HELPERS, writeCsvComm },
    open: { code: 'const start = p;', maxBytes: 0 },
    close: {
      code: `p--; if (p === start) { view.setUint16(p, 0x2222, true); p += 2; } ${writeEnd}`,
      maxBytes: 4,
    },
    absent: { code: 'bytes[p++] = 44;', maxBytes: 1 },
    value: valueCode,
    originId: (_name, id) => new TextEncoder().encode(`${csvText(id)},`),
  };
}
