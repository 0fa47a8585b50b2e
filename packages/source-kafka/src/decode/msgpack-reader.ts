import { badValue } from './bad-value.ts';
import { type EventFields, FIELD_SETTER } from './event-fields.ts';
import { FieldGuess } from './field-guess.ts';
import { TextCache } from './text-cache.ts';

/* First bytes of values, by the format's specification; those below it hold their value or length in themselves. */
const FIXMAP = 0x80;
const FIXARRAY = 0x90;
const FIXSTR = 0xa0;
const NIL = 0xc0;
const NEVER_USED = 0xc1;
const FALSE = 0xc2;
const TRUE = 0xc3;
const BIN8 = 0xc4;
const BIN32 = 0xc6;
const EXT8 = 0xc7;
const EXT32 = 0xc9;
const FLOAT32 = 0xca;
const FLOAT64 = 0xcb;
const UINT8 = 0xcc;
const UINT64 = 0xcf;
const INT8 = 0xd0;
const INT64 = 0xd3;
const FIXEXT1 = 0xd4;
const FIXEXT16 = 0xd8;
const STR8 = 0xd9;
const STR32 = 0xdb;
const ARRAY16 = 0xdc;
const ARRAY32 = 0xdd;
const MAP16 = 0xde;
const MAP32 = 0xdf;
const NEGATIVE_FIXINT = 0xe0;

const TWO_32 = 4294967296;
const SAFE_HIGH = 0x200000;
const MAX_LIST = 64;

/** What stands for a value that no field takes: maps, lists within lists, binary data, extensions. */
const OTHER: object = Object.freeze({});

/**
 * Reads one map of msgpack. Nothing in it is believed: a length is compared with the bytes that are left before anything is done with it, what is nested is counted and not entered, and no
 * memory is taken but for the texts of fields and a short list.
 */
export class MsgpackReader {
  /** The fields that the last map had; the others undefined. */
  readonly fields: EventFields;
  readonly #texts: TextCache;
  readonly #guess: FieldGuess;
  #bytes: Buffer;
  #at: number;

  constructor() {
    this.fields = FIELD_SETTER.create();
    this.#texts = new TextCache();
    this.#guess = new FieldGuess();
    this.#bytes = Buffer.alloc(0);
    this.#at = 0;
  }

  /** @throws ERR_SOCKFLOW_KAFKA_BAD_VALUE for what is not exactly one map of text keys */
  read(value: Uint8Array): void {
    const { fields } = this;
    FIELD_SETTER.clear(fields);
    // A view of the same bytes costs as much as a fifth of the values in it.
    this.#bytes = Buffer.isBuffer(value)
      ? value
      : Buffer.from(value.buffer, value.byteOffset, value.length);
    this.#at = 0;
    this.#guess.begin();
    const entries = this.#mapSize(this.#byte());
    for (let entry = 0; entry < entries; entry++) {
      const index = this.#key();
      if (index < 0) this.#skip(1);
      else FIELD_SETTER.set(fields, index, this.#value());
    }
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw badValue(`the value goes on for ${left} bytes behind its map`);
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw badValue('the value ends in the middle of its map');
    this.#at++;
    return byte;
  }

  /** The end of so many bytes from here on, which have to be there. */
  #end(bytes: number): number {
    const end = this.#at + bytes;
    if (end > this.#bytes.length) throw badValue('the value ends in the middle of its map');
    return end;
  }

  /** An unsigned number of 1, 2 or 4 bytes. */
  #uint(bytes: number): number {
    const at = this.#at;
    this.#at = this.#end(bytes);
    return this.#bytes.readUIntBE(at, bytes);
  }

  #mapSize(first: number): number {
    if (first >= FIXMAP && first < FIXARRAY) return first & 15;
    if (first === MAP16) return this.#uint(2);
    if (first === MAP32) return this.#uint(4);
    throw badValue('the value is no map of msgpack');
  }

  /** The number of the field that is named; -1 for none. */
  #key(): number {
    const first = this.#byte();
    const bytes = this.#textBytes(first);
    if (bytes < 0) throw badValue('a key of the map is no text');
    const guessed = this.#guess.matches(this.#bytes, this.#at, this.#at + bytes);
    if (guessed < 0) return this.#guess.learn(this.#text(bytes));
    this.#at += bytes;
    return guessed;
  }

  /** The length of a text that begins with `first`; -1 where it is none. */
  #textBytes(first: number): number {
    if (first >= FIXSTR && first < NIL) return first & 31;
    return first >= STR8 && first <= STR32 ? this.#uint(1 << (first - STR8)) : -1;
  }

  #text(bytes: number): string {
    const start = this.#at;
    this.#at = this.#end(bytes);
    return this.#texts.read(this.#bytes, start, this.#at);
  }

  #value(): unknown {
    const first = this.#byte();
    if (first < FIXMAP) return first;
    if (first >= NEGATIVE_FIXINT) return first - 256;
    const textBytes = this.#textBytes(first);
    if (textBytes >= 0) return this.#text(textBytes);
    switch (first) {
      case NIL:
        return undefined;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case UINT64:
      case INT64:
        return this.#wide(first === INT64);
      case FLOAT32:
      case FLOAT64:
        return this.#float(first === FLOAT32 ? 4 : 8);
      case ARRAY16:
        return this.#list(this.#uint(2));
    }
    if (first >= FIXARRAY && first < FIXSTR) return this.#list(first & 15);
    if (first >= UINT8 && first < UINT64) return this.#uint(1 << (first - UINT8));
    if (first >= INT8 && first < INT64) return this.#int(1 << (first - INT8));
    this.#at--;
    this.#skip(1);
    return OTHER;
  }

  #int(bytes: number): number {
    const at = this.#at;
    this.#at = this.#end(bytes);
    return this.#bytes.readIntBE(at, bytes);
  }

  #float(bytes: 4 | 8): number {
    const at = this.#at;
    this.#at = this.#end(bytes);
    return bytes === 4 ? this.#bytes.readFloatBE(at) : this.#bytes.readDoubleBE(at);
  }

  /** As a number where it is exact, else as a bigint: those cost more. */
  #wide(isSigned: boolean): number | bigint {
    const at = this.#at;
    this.#at = this.#end(8);
    const high = isSigned ? this.#bytes.readInt32BE(at) : this.#bytes.readUInt32BE(at);
    if (high >= 0 && high < SAFE_HIGH) return high * TWO_32 + this.#bytes.readUInt32BE(at + 4);
    return isSigned ? this.#bytes.readBigInt64BE(at) : this.#bytes.readBigUInt64BE(at);
  }

  /** A list of plain values, as no field has a longer or deeper one. */
  #list(length: number): unknown {
    if (length > MAX_LIST) {
      this.#skip(length);
      return OTHER;
    }
    const list: unknown[] = [];
    for (let index = 0; index < length; index++) {
      const isNested = this.#isNested(this.#bytes[this.#at] ?? NIL);
      if (isNested) this.#skip(1);
      list.push(isNested ? OTHER : this.#value());
    }
    return list;
  }

  #isNested(first: number): boolean {
    return (first >= FIXMAP && first < FIXSTR) || (first >= ARRAY16 && first <= MAP32);
  }

  /** Passes over so many values, and what is in them: counted, so that no depth of it takes stack. */
  #skip(values: number): void {
    for (let left = values; left > 0; left--) {
      const first = this.#byte();
      const inside = this.#insideOf(first);
      if (inside >= 0) {
        // Each of them has a byte at least.
        this.#end(inside);
        left += inside;
      } else {
        this.#at = this.#end(this.#plainBytes(first));
      }
    }
  }

  /** How many values a map or list has that begins with `first`; -1 for what is neither. */
  #insideOf(first: number): number {
    if (first >= FIXMAP && first < FIXARRAY) return (first & 15) * 2;
    if (first >= FIXARRAY && first < FIXSTR) return first & 15;
    if (first === ARRAY16 || first === MAP16) return this.#uint(2) * (first === MAP16 ? 2 : 1);
    if (first === ARRAY32 || first === MAP32) return this.#uint(4) * (first === MAP32 ? 2 : 1);
    return -1;
  }

  /** How many bytes are behind the first byte, and the length where it has one, of what is no map or list. */
  #plainBytes(first: number): number {
    if (first === NEVER_USED) throw badValue('the map holds a byte that msgpack never uses');
    if (first < FIXMAP || first >= NEGATIVE_FIXINT || (first >= NIL && first <= TRUE)) return 0;
    const textBytes = this.#textBytes(first);
    if (textBytes >= 0) return textBytes;
    if (first <= BIN32) return this.#uint(1 << (first - BIN8));
    if (first <= EXT32) return this.#uint(1 << (first - EXT8)) + 1;
    if (first <= FLOAT64) return first === FLOAT32 ? 4 : 8;
    if (first <= UINT64) return 1 << (first - UINT8);
    if (first <= INT64) return 1 << (first - INT8);
    return first >= FIXEXT1 && first <= FIXEXT16 ? (1 << (first - FIXEXT1)) + 1 : 0;
  }
}
