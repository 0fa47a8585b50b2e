import { FIELD_NAMES, fieldIndex } from './event-fields.ts';

const NAMES: readonly Uint8Array[] = FIELD_NAMES.map((name) => Buffer.from(name));
const FIRST = FIELD_NAMES.length;
const NO_GUESS = -1;

/**
 * Which field comes next: a writer writes its fields in one order, so behind one comes the one that came behind it in the value before. A name that was guessed is compared byte by byte,
 * and no text is made or looked up.
 */
export class FieldGuess {
  /** By the field before; that of the first behind the others. */
  readonly #next: Int16Array;
  #before: number;

  constructor() {
    this.#next = new Int16Array(FIRST + 1).fill(NO_GUESS);
    this.#before = FIRST;
  }

  /** A value begins. */
  begin(): void {
    this.#before = FIRST;
  }

  /** @returns the number of the field whose name, and nothing else, is in bytes[start, end); -1 where the guess was wrong: then {@link learn} it */
  matches(bytes: Uint8Array, start: number, end: number): number {
    const guess = this.#next[this.#before] as number;
    if (guess === NO_GUESS) return NO_GUESS;
    const name = NAMES[guess] as Uint8Array;
    const { length } = name;
    if (end - start !== length) return NO_GUESS;
    for (let index = 0; index < length; index++)
      if (bytes[start + index] !== name[index]) return NO_GUESS;
    this.#before = guess;
    return guess;
  }

  /** The same where the name's end is not known: what follows it must be `close`. @returns -1, or the number of the field */
  matchesUntil(bytes: Uint8Array, start: number, close: number): number {
    const guess = this.#next[this.#before] as number;
    if (guess === NO_GUESS) return NO_GUESS;
    const name = NAMES[guess] as Uint8Array;
    const { length } = name;
    if (bytes[start + length] !== close) return NO_GUESS;
    for (let index = 0; index < length; index++)
      if (bytes[start + index] !== name[index]) return NO_GUESS;
    this.#before = guess;
    return guess;
  }

  /** @returns the number of the field with this name; -1 where there is none */
  learn(name: string): number {
    const index = fieldIndex(name);
    if (index < 0) return index;
    this.#next[this.#before] = index;
    this.#before = index;
    return index;
  }

  /** Bytes of a field's name. */
  nameBytes(index: number): number {
    return (NAMES[index] as Uint8Array).length;
  }
}
