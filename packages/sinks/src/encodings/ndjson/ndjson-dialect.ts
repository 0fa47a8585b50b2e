import { TextTable } from '../bytes/text-table.ts';
import {
  type EventDialect,
  type Tables,
  WRITE_ORIGIN_ID,
  type WriteCode,
} from '../event-code/compile-event.ts';
import { constantBytes } from '../event-code/constant-bytes.ts';
import type { EventValue } from '../event-code/event-values.ts';
import { MAX_BYTES } from '../event-code/max-bytes.ts';
import { TEXT_HELPERS } from '../event-code/text-helpers.ts';

const encoder = new TextEncoder();
/** Beside the bytes of a value: quotes and the comma. */
const QUOTES_BYTES = '"",'.length;
const WRITE_V = 'v < 10 ? ((bytes[p] = 48 + v), p + 1) : writeUint32(view, p, v | 0)';

function keyed(name: string, quote: '"' | '[' | ''): { code: string; bytes: number } {
  const key = encoder.encode(`${JSON.stringify(name)}:${quote}`);
  return { code: constantBytes(key), bytes: key.length };
}

/** `"name":"…",`; `write` gives the position after what it wrote. */
function quoted(name: string, write: string, maxBytes: number): WriteCode {
  const key = keyed(name, '"');
  return {
    code: `${key.code} p = ${write}; view.setUint16(p, 0x2c22, true); p += 2;`,
    maxBytes: key.bytes + maxBytes + QUOTES_BYTES,
  };
}

function unquoted(name: string, write: string, maxBytes: number): WriteCode {
  const key = keyed(name, '');
  return {
    code: `${key.code} p = ${write}; bytes[p++] = 44;`,
    maxBytes: key.bytes + maxBytes + 1,
  };
}

function fromTable(
  tables: Tables,
  name: string,
  values: readonly (string | boolean)[],
  index: string,
): WriteCode {
  const table = new TextTable(
    values.map((value) => `${JSON.stringify(name)}:${JSON.stringify(value)},`),
  );
  tables.push(table);
  return {
    code: `p = writeText(view, p, table${tables.length - 1}, ${index});`,
    maxBytes: table.longestBytes,
  };
}

function nameCode(
  name: string,
  { read, names, beyond }: Extract<EventValue, { is: 'name' }>,
  tables: Tables,
): WriteCode {
  const known = fromTable(tables, name, names, 'v');
  if (beyond === undefined) return { ...known, code: `v = ${read}; ${known.code}` };
  const write =
    beyond === 'tcpFlags' ? 'writeTcpFlagText(bytes, p, v)' : 'writeUnknown(bytes, p, v)';
  const other = quoted(name, write, MAX_BYTES.name);
  return {
    code: `v = ${read}; if (v < ${names.length}) { ${known.code} } else { ${other.code} }`,
    maxBytes: Math.max(known.maxBytes, other.maxBytes),
  };
}

function wordsCode(name: string, at: number, count: number): WriteCode {
  const key = keyed(name, '[');
  const loop = `for (let i = 0; i < ${count}; i++) { v = m[w + ${at} + i]; p = ${WRITE_V}; bytes[p++] = 44; }`;
  return {
    code: `${key.code} ${loop} view.setUint16(p - 1, 0x2c5d, true); p += 1;`,
    maxBytes: key.bytes + (MAX_BYTES.uint64 + 1) * count + QUOTES_BYTES,
  };
}

function valueCode(name: string, value: EventValue, tables: Tables): WriteCode {
  switch (value.is) {
    case 'uint32': {
      const write = unquoted(name, WRITE_V, MAX_BYTES.number);
      return { ...write, code: `v = ${value.read}; ${write.code}` };
    }
    case 'int32': {
      const key = keyed(name, '');
      const sign = 'if (v < 0) { bytes[p++] = 45; v = -v; }';
      return {
        code: `v = ${value.read}; ${key.code} ${sign} p = ${WRITE_V}; bytes[p++] = 44;`,
        maxBytes: key.bytes + MAX_BYTES.number + 1,
      };
    }
    case 'uint64': {
      const { low, high } = value;
      return value.isSafe
        ? unquoted(name, `writeSafe(bytes, view, p, ${low}, ${high})`, MAX_BYTES.number)
        : quoted(name, `writeUint64(view, p, ${low}, ${high})`, MAX_BYTES.uint64);
    }
    case 'number':
      return unquoted(name, `writeNumber(bytes, view, p, ${value.read})`, MAX_BYTES.number);
    case 'wallNs':
      return quoted(
        name,
        `writeWallNs(bytes, view, p, ${value.low}, ${value.high}, origin)`,
        MAX_BYTES.number,
      );
    case 'boolean':
      return fromTable(tables, name, [false, true], value.read);
    case 'name':
      return nameCode(name, value, tables);
    case 'ip4':
      return quoted(name, `writeIp4(bytes, p, ${value.word})`, MAX_BYTES.address);
    case 'ip6':
      return quoted(name, `writeIp6(bytes, p, m, ${value.at})`, MAX_BYTES.address);
    case 'comm':
      return quoted(name, `writeComm(bytes, p, m, ${value.at})`, MAX_BYTES.jsonComm);
    case 'headerHex':
      return quoted(name, `writeHeaderHex(bytes, p, m, ${value.at})`, MAX_BYTES.headerHex);
    case 'words':
      return wordsCode(name, value.at, value.count);
    case 'originId':
      return WRITE_ORIGIN_ID;
  }
}

/** An event as one line of JSON; every field ends with a comma, the last one gives way to the brace. */
export const NDJSON_DIALECT: EventDialect = {
  helpers: TEXT_HELPERS,
  open: { code: 'bytes[p++] = 123;', maxBytes: 1 },
  close: {
    code: 'if (bytes[p - 1] === 44) p--; view.setUint16(p, 0x0a7d, true); p += 2;',
    maxBytes: 2,
  },
  absent: { code: '', maxBytes: 0 },
  value: valueCode,
  originId: (name, id) => encoder.encode(`${JSON.stringify(name)}:${JSON.stringify(id)},`),
};
