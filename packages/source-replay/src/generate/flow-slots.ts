import { WORD } from '../slot-words.ts';
import { SlotPages } from './slot-pages.ts';

const NOTHING = new Uint32Array(0);
const NOTHING_BIG = new BigUint64Array(0);

/** The finished slots of one flow, in pages: written one after another while its story is told, then read in the same order, each page given back once it is read. */
export class FlowSlots {
  /** Words of slots that have been written. */
  toldWords: number;
  /** Those of them that have not been read yet. */
  unreadWords: number;
  /** The next slot to be read: its memory and its word there. */
  cursorWords: Uint32Array;
  cursorBig: BigUint64Array;
  cursor: number;
  /** The memory being written. */
  words: Uint32Array;
  big: BigUint64Array;

  readonly #pages: SlotPages;
  #firstPage: number;
  #readPage: number;
  /** Where the slots end in the page that is being read; end exclusive. */
  #readEnd: number;
  /** The next free word of the memory being written, and the end of its page. */
  #used: number;
  #pageEnd: number;
  #writtenPage: number;

  constructor(pages: SlotPages) {
    this.toldWords = 0;
    this.unreadWords = 0;
    this.cursorWords = NOTHING;
    this.cursorBig = NOTHING_BIG;
    this.cursor = 0;
    this.words = NOTHING;
    this.big = NOTHING_BIG;
    this.#pages = pages;
    this.#firstPage = 0;
    this.#readPage = 0;
    this.#readEnd = 0;
    this.#used = 0;
    this.#pageEnd = 0;
    this.#writtenPage = 0;
  }

  /** Begins anew, with new memory; that of before must have been read or released. */
  restart(): void {
    this.toldWords = 0;
    this.#firstPage = this.#pages.take();
    this.#writeTo(this.#firstPage);
  }

  /** Gives the last page back; `restart` takes a new one. */
  release(): void {
    this.#pages.give(this.#readPage);
  }

  /** Everything is written: it can be read, from the first slot on. */
  rewind(): void {
    this.unreadWords = this.toldWords;
    this.#readFrom(this.#firstPage);
  }

  /** Moves the cursor behind a slot of so many words; there must be another one. */
  advance(slotWords: number): void {
    this.unreadWords -= slotWords;
    this.cursor += slotWords;
    if (this.cursor === this.#readEnd) {
      this.#readFrom(this.#pages.giveRead(this.#readPage));
    }
  }

  /** Boot time of the slot at the cursor, ns. */
  get cursorTimeNs(): number {
    const word = this.cursor + WORD.time;
    return this.cursorWords[word]! + this.cursorWords[word + 1]! * 4294967296;
  }

  /**
   * Room for a slot.
   *
   * @param roomWords - what must be free from it on, for `lengthen`
   * @returns its word in `words`
   */
  begin(slotWords: number, roomWords: number): number {
    if (this.#used + roomWords > this.#pageEnd) {
      const usedWords = this.#used - (this.#pageEnd - SlotPages.pageWords);
      this.#writeTo(this.#pages.takeNext(this.#writtenPage, usedWords));
    }
    const slot = this.#used;
    this.#used += slotWords;
    this.toldWords += slotWords;
    return slot;
  }

  /** Makes the slot begun last longer by so many words. */
  lengthen(words: number): void {
    this.#used += words;
    this.toldWords += words;
  }

  #writeTo(page: number): void {
    const slab = this.#pages.slab(page);
    this.#writtenPage = page;
    this.words = slab.u32;
    this.big = slab.big;
    this.#used = SlotPages.startWord(page);
    this.#pageEnd = this.#used + SlotPages.pageWords;
  }

  #readFrom(page: number): void {
    const slab = this.#pages.slab(page);
    this.#readPage = page;
    this.cursorWords = slab.u32;
    this.cursorBig = slab.big;
    this.cursor = SlotPages.startWord(page);
    this.#readEnd = this.#pages.isLast(page) ? -1 : this.cursor + this.#pages.usedWords(page);
  }
}
