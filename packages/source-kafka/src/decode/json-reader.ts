import { ACCESSORS } from '@sockflow/core';

import { type EventFields, FIELD_NAMES, FIELD_SETTER, fieldIndex } from './event-fields.ts';
import { FieldGuess } from './field-guess.ts';
import { TextCache } from './text-cache.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;
const NON_ASCII = 0x80;
/** A number of so many digits is exact. */
const MAX_DIGITS = 15;
const MAX_LIST = 64;

const WORDS: ReadonlyMap<number, readonly [text: Uint8Array, value: unknown]> = new Map(
  (
    [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const
  ).map(([text, value]) => [text.charCodeAt(0), [Buffer.from(text), value]]),
);

/** Fields that take the digits of an integer as a text and as a number alike: 64 bits, which JSON has as text. */
const IS_WIDE: readonly boolean[] = FIELD_NAMES.map((name) => {
  const read = ACCESSORS.find((accessor) => accessor.name === name)?.read.how;
  return read === 'bigint' || read === 'safe';
});
const WALL_TIME = fieldIndex('wallNs');
const TIME = 'tsNs';

/** Anything that is JSON all the same, or none: the general way says which. */
const OTHER = Symbol('other');

/**
 * Reads an object as our own sink writes it, without the texts and the object that `JSON.parse` makes: names as they are expected ({@link FieldGuess}), values as they came before in the
 * same field, no white space, no escapes, nothing beyond ASCII, nothing nested but lists of numbers. What looks otherwise is not read.
 */
export class JsonReader {
  /** The fields that the last object had; the others undefined. */
  readonly fields: EventFields;
  readonly #guess: FieldGuess;
  readonly #texts: TextCache;
  /** By field: the last text. */
  readonly #last: string[];
  #bytes: Buffer;
  #at: number;

  constructor() {
    this.fields = FIELD_SETTER.create();
    this.#guess = new FieldGuess();
    this.#texts = new TextCache();
    this.#last = FIELD_NAMES.map(() => '');
    this.#bytes = Buffer.alloc(0);
    this.#at = 0;
  }

  /** @returns whether it was read: where not, it may be JSON, or an event, all the same */
  read(value: Buffer): boolean {
    const { fields } = this;
    FIELD_SETTER.clear(fields);
    this.#guess.begin();
    this.#bytes = value;
    this.#at = 1;
    if (value[0] !== OPEN_OBJECT) return false;
    let wallAt = 0;
    for (;;) {
      const index = this.#name();
      if (index === undefined) return false;
      const at = this.#at;
      const found = index === WALL_TIME ? this.#passDigits() : this.#value(index);
      if (found === OTHER) return false;
      if (index === WALL_TIME) wallAt = at;
      else if (index >= 0) FIELD_SETTER.set(fields, index, found);
      const byte = value[this.#at++];
      if (byte === COMMA) continue;
      if (byte !== CLOSE_OBJECT || this.#at !== value.length) return false;
      break;
    }
    // Only what has no other time needs it: a text of its own in each event.
    if (wallAt > 0 && (fields[TIME] === undefined || fields[TIME] === null)) {
      this.#at = wallAt;
      FIELD_SETTER.set(fields, WALL_TIME, this.#value(WALL_TIME));
    }
    return true;
  }

  /** The number of the field that is named, -1 for none of ours; the colon is passed. */
  #name(): number | undefined {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    if (bytes[start - 1] !== QUOTE) return undefined;
    const guessed = this.#guess.matchesUntil(bytes, start, QUOTE);
    if (guessed >= 0) {
      this.#at = start + this.#guess.nameBytes(guessed) + 1;
    } else {
      const end = this.#textEnd(start);
      if (end < 0) return undefined;
      this.#at = end + 1;
    }
    if (bytes[this.#at++] !== COLON) return undefined;
    return guessed >= 0 ? guessed : this.#guess.learn(this.#texts.read(bytes, start, this.#at - 2));
  }

  #value(index: number): unknown {
    const byte = this.#bytes[this.#at] as number;
    if (byte === QUOTE) return this.#text(index);
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return this.#number();
    if (byte === OPEN_LIST) return this.#list();
    return this.#word(byte);
  }

  #text(index: number): unknown {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    if (index >= 0 && IS_WIDE[index] === true) {
      const digits = this.#digits(start);
      if (digits >= 0 && bytes[this.#at] === QUOTE) {
        this.#at++;
        return digits;
      }
    }
    const last = index < 0 ? '' : (this.#last[index] as string);
    if (last !== '' && this.#isText(last, start)) {
      this.#at = start + last.length + 1;
      return last;
    }
    const end = this.#textEnd(start);
    if (end < 0) return OTHER;
    this.#at = end + 1;
    const text = this.#texts.read(bytes, start, end);
    if (index >= 0) this.#last[index] = text;
    return text;
  }

  #isText(text: string, start: number): boolean {
    const bytes = this.#bytes;
    const { length } = text;
    if (bytes[start + length] !== QUOTE) return false;
    for (let index = 0; index < length; index++)
      if (bytes[start + index] !== text.charCodeAt(index)) return false;
    return true;
  }

  /** Where the text ends that begins at `start`; -1 where it is not one of plain ASCII. */
  #textEnd(start: number): number {
    const bytes = this.#bytes;
    const { length } = bytes;
    for (let at = start; at < length; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) return at;
      if (byte === BACKSLASH || byte < SPACE || byte >= NON_ASCII) return -1;
    }
    return -1;
  }

  /** Passes a text of digits, as it is, or anything else. */
  #passDigits(): unknown {
    const bytes = this.#bytes;
    let at = this.#at + 1;
    if (bytes[at - 1] !== QUOTE) return this.#value(WALL_TIME);
    for (let byte = bytes[at]; byte !== undefined && byte >= ZERO && byte <= NINE;)
      byte = bytes[++at];
    if (bytes[at] !== QUOTE) return OTHER;
    this.#at = at + 1;
    return undefined;
  }

  #number(): unknown {
    const bytes = this.#bytes;
    const isNegative = bytes[this.#at] === MINUS;
    const value = this.#digits(isNegative ? this.#at + 1 : this.#at);
    const byte = bytes[this.#at];
    const isEnd = byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_LIST;
    if (value < 0 || !isEnd || (isNegative && value === 0)) return OTHER;
    return isNegative ? -value : value;
  }

  /** An integer that begins at `start`, and stops at whatever follows it; -1 where none is, or one that is too long. */
  #digits(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    let value = 0;
    for (;;) {
      const digit = (bytes[at] as number) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
      at++;
    }
    const digits = at - start;
    if (digits === 0 || digits > MAX_DIGITS) return -1;
    if (digits > 1 && bytes[start] === ZERO) return -1;
    this.#at = at;
    return value;
  }

  #list(): unknown {
    const bytes = this.#bytes;
    const list: unknown[] = [];
    this.#at++;
    if (bytes[this.#at] === CLOSE_LIST) {
      this.#at++;
      return list;
    }
    while (list.length < MAX_LIST) {
      const value = this.#number();
      if (value === OTHER) return OTHER;
      list.push(value);
      const byte = bytes[this.#at++];
      if (byte === CLOSE_LIST) return list;
      if (byte !== COMMA) return OTHER;
    }
    return OTHER;
  }

  #word(first: number): unknown {
    const word = WORDS.get(first);
    if (word === undefined) return OTHER;
    const [text, value] = word;
    for (let index = 0; index < text.length; index++)
      if (this.#bytes[this.#at + index] !== text[index]) return OTHER;
    this.#at += text.length;
    return value;
  }
}
