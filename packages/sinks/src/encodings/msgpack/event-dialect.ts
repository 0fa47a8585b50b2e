import { tcpFlagText } from '@sockflow/core';

import { TextTable, writeText } from '../bytes/text-table.ts';
import { writeIp4, writeIp6 } from '../bytes/write-address.ts';
import { writeHeaderHex, writeRawComm } from '../bytes/write-captured.ts';
import {
  endMsgpackText,
  msgpackText,
  writeMsgpackNegative,
  writeMsgpackNumber,
  writeMsgpackUint,
  writeMsgpackWide,
} from '../bytes/write-msgpack.ts';
import {
  type EventDialect,
  type Tables,
  WRITE_ORIGIN_ID,
  type WriteCode,
} from '../event-code/compile-event.ts';
import { constantBytes } from '../event-code/constant-bytes.ts';
import type { EventValue } from '../event-code/event-values.ts';
import { MAX_BYTES } from '../event-code/max-bytes.ts';
import type { OriginText } from '../event-code/origin-text.ts';
import { writeAscii } from '../event-code/text-helpers.ts';

const NIL = 0xc0;
const FALSE = 0xc2;
const UINT64 = 0xcf;
const MAP16 = 0xde;
const ARRAY16 = 0xdc;
const TWO_32 = 4294967296;
const NUMBER_BYTES = 9;
/** The length of a text, at most. */
const LENGTH_BYTES = 2;

/** How events look: as maps of what they have, or as records (a byte that names their structure, then a value for each field). */
export interface EventForm {
  /** The byte that a record begins with; `undefined`: a map. */
  readonly recordByte: number | undefined;
}

function writeWall(
  bytes: Uint8Array,
  view: DataView,
  position: number,
  low: number,
  high: number,
  origin: OriginText,
): number {
  const sum = (low >>> 0) + origin.wallLow;
  const carry = sum >= TWO_32 ? 1 : 0;
  const wallHigh = (high >>> 0) + origin.wallHigh + carry;
  return writeMsgpackWide(bytes, view, position, sum - carry * TWO_32, wallHigh);
}

function writeTcpFlags(bytes: Uint8Array, position: number, flags: number): number {
  return endMsgpackText(bytes, position, writeAscii(bytes, position + 1, tcpFlagText(flags)));
}

function writeUnknownName(bytes: Uint8Array, position: number, value: number): number {
  return endMsgpackText(bytes, position, writeAscii(bytes, position + 1, `UNKNOWN(${value})`));
}

const HELPERS = {
  endMsgpackText,
  writeHeaderHex,
  writeIp4,
  writeIp6,
  writeMsgpackNegative,
  writeMsgpackNumber,
  writeMsgpackUint,
  writeRawComm,
  writeTcpFlags,
  writeText,
  writeUnknownName,
  writeWall,
};

/** Makes the code of values in one form. */
class MsgpackValues {
  /** Numbers below it are one byte: from 0x40 on a byte begins a record, where there are records. */
  readonly #fixintEnd: number;
  readonly #isMap: boolean;

  constructor(form: EventForm) {
    this.#isMap = form.recordByte === undefined;
    this.#fixintEnd = this.#isMap ? 0x80 : 0x40;
  }

  /** A key, in a map, and first bytes of its value that are always the same. */
  #key(name: string, ...then: number[]): WriteCode {
    const bytes = Uint8Array.of(...(this.#isMap ? msgpackText(name) : []), ...then);
    const count = this.#isMap ? ' n++;' : '';
    return {
      code: bytes.length === 0 ? '' : `${constantBytes(bytes)}${count}`,
      maxBytes: bytes.length,
    };
  }

  #with(key: WriteCode, code: string, maxBytes: number): WriteCode {
    return { code: `${key.code} ${code}`, maxBytes: key.maxBytes + maxBytes };
  }

  /** The number `v`, below 2^32. */
  #writeV(): string {
    return `p = v < ${this.#fixintEnd} ? ((bytes[p] = v), p + 1) : writeMsgpackUint(bytes, view, p, v | 0);`;
  }

  #uint32(name: string, read: string): WriteCode {
    return this.#with(this.#key(name), `v = (${read}) >>> 0; ${this.#writeV()}`, NUMBER_BYTES);
  }

  #int32(name: string, read: string): WriteCode {
    const negative = 'p = writeMsgpackNegative(bytes, view, p, v);';
    const write = `v = ${read}; if (v < 0) ${negative} else ${this.#writeV()}`;
    return this.#with(this.#key(name), write, NUMBER_BYTES);
  }

  #uint64(name: string, low: string, high: string): WriteCode {
    const write = `view.setInt32(p, ${high}); view.setInt32(p + 4, ${low}); p += 8;`;
    return this.#with(this.#key(name, UINT64), write, NUMBER_BYTES);
  }

  #number(name: string, read: string): WriteCode {
    const small = `v < ${this.#fixintEnd} && (v | 0) === v && v >= 0`;
    const write = `v = ${read}; p = ${small} ? ((bytes[p] = v), p + 1) : writeMsgpackNumber(bytes, view, p, v);`;
    return this.#with(this.#key(name), write, NUMBER_BYTES);
  }

  /** `write` gives the end of a text that starts at `p + 1`. */
  #text(name: string, write: string, maxBytes: number): WriteCode {
    return this.#with(
      this.#key(name),
      `p = endMsgpackText(bytes, p, ${write});`,
      maxBytes + LENGTH_BYTES,
    );
  }

  #name(
    name: string,
    { read, names, beyond }: Extract<EventValue, { is: 'name' }>,
    tables: Tables,
  ): WriteCode {
    const key = this.#isMap ? msgpackText(name) : [];
    const table = new TextTable(names.map((text) => Uint8Array.of(...key, ...msgpackText(text))));
    tables.push(table);
    const count = this.#isMap ? ' n++;' : '';
    const known = `p = writeText(view, p, table${tables.length - 1}, v);${count}`;
    if (beyond === undefined)
      return { code: `v = ${read}; ${known}`, maxBytes: table.longestBytes };
    const write = beyond === 'tcpFlags' ? 'writeTcpFlags' : 'writeUnknownName';
    const other = this.#with(
      this.#key(name),
      `p = ${write}(bytes, p, v);`,
      MAX_BYTES.name + LENGTH_BYTES,
    );
    return {
      code: `v = ${read}; if (v < ${names.length}) { ${known} } else { ${other.code} }`,
      maxBytes: Math.max(table.longestBytes, other.maxBytes),
    };
  }

  #words(name: string, at: number, count: number): WriteCode {
    const loop = `for (let i = 0; i < ${count}; i++) { v = m[w + ${at} + i]; ${this.#writeV()} }`;
    return this.#with(
      this.#key(name, ARRAY16, count >>> 8, count & 255),
      loop,
      count * NUMBER_BYTES,
    );
  }

  code(name: string, value: EventValue, tables: Tables): WriteCode {
    switch (value.is) {
      case 'uint32':
        return this.#uint32(name, value.read);
      case 'int32':
        return this.#int32(name, value.read);
      case 'uint64':
        return this.#uint64(name, value.low, value.high);
      case 'number':
        return this.#number(name, value.read);
      case 'wallNs':
        return this.#with(
          this.#key(name),
          `p = writeWall(bytes, view, p, ${value.low}, ${value.high}, origin);`,
          NUMBER_BYTES,
        );
      case 'boolean':
        return this.#with(this.#key(name), `bytes[p++] = ${FALSE} | (${value.read});`, 1);
      case 'name':
        return this.#name(name, value, tables);
      case 'ip4':
        return this.#text(name, `writeIp4(bytes, p + 1, ${value.word})`, MAX_BYTES.address);
      case 'ip6':
        return this.#text(name, `writeIp6(bytes, p + 1, m, ${value.at})`, MAX_BYTES.address);
      case 'comm':
        return this.#text(name, `writeRawComm(bytes, p + 1, m, ${value.at})`, MAX_BYTES.comm);
      case 'headerHex':
        return this.#text(
          name,
          `writeHeaderHex(bytes, p + 1, m, ${value.at})`,
          MAX_BYTES.headerHex,
        );
      case 'words':
        return this.#words(name, value.at, value.count);
      case 'originId':
        return { ...WRITE_ORIGIN_ID, code: `${WRITE_ORIGIN_ID.code}${this.#isMap ? ' n++;' : ''}` };
    }
  }

  originId(name: string, id: string): Uint8Array {
    return Uint8Array.of(...(this.#isMap ? msgpackText(name) : []), ...msgpackText(id));
  }
}

/** How a map begins and ends: how many entries it has is known at its end. */
const MAP = {
  open: { code: `const start = p; let n = 0; bytes[p] = ${MAP16}; p += 3;`, maxBytes: 3 },
  close: { code: 'view.setUint16(start + 1, n);', maxBytes: 0 },
  absent: { code: '', maxBytes: 0 },
};

/** Events as msgpack. */
export function msgpackDialect(form: EventForm): EventDialect {
  const values = new MsgpackValues(form);
  const around =
    form.recordByte === undefined
      ? MAP
      : {
          open: { code: `bytes[p++] = ${form.recordByte};`, maxBytes: 1 },
          close: { code: '', maxBytes: 0 },
          absent: { code: `bytes[p++] = ${NIL};`, maxBytes: 1 },
        };
  return {
    helpers: HELPERS,
    ...around,
    value: (name, value, tables) => values.code(name, value, tables),
    originId: (name, id) => values.originId(name, id),
  };
}
