/** A page holds 16 ordinary slots. */
const PAGE_WORDS = 1024;
const PAGE_SHIFT = 10;
const SLAB_SHIFT = 8;
/** 256 pages, 1 MiB, are allocated at once. */
const SLAB_PAGES = 1 << SLAB_SHIFT;
const NO_PAGE = -1;

/** Memory of many pages, as the two arrays that read it. */
export interface SlotSlab {
  readonly u32: Uint32Array;
  readonly big: BigUint64Array;
}

/**
 * Memory for the slots of connections that are alive, in pages that are linked to chains: each is given back as soon as it has been read, so memory grows with
 * what is still to come of the connections alive at once, not with the recording, and the page to be written next is mostly one that a cache still has.
 *
 * One buffer for each connection instead costs twice the time: buffers that grow are copied, and thousands of typed arrays that come and go keep the garbage collector busy.
 */
export class SlotPages {
  readonly #slabs: SlotSlab[];
  readonly #free: number[];
  /** Of each page the one that follows in its chain, and how many of its words are slots. */
  #next: Int32Array;
  #usedWords: Int32Array;

  constructor() {
    this.#slabs = [];
    this.#free = [];
    this.#next = new Int32Array(0);
    this.#usedWords = new Int32Array(0);
  }

  /** A page of rubbish that ends its chain; it is the caller's until `give`. */
  take(): number {
    if (this.#free.length === 0) {
      this.#allocate();
    }
    const page = this.#free.pop()!;
    this.#next[page] = NO_PAGE;
    return page;
  }

  give(page: number): void {
    this.#free.push(page);
  }

  /** A new page behind this one, of which `usedWords` are slots. */
  takeNext(page: number, usedWords: number): number {
    const next = this.take();
    this.#next[page] = next;
    this.#usedWords[page] = usedWords;
    return next;
  }

  /** Gives a page back that has another one behind it. @returns that one. */
  giveRead(page: number): number {
    this.#free.push(page);
    return this.#next[page]!;
  }

  isLast(page: number): boolean {
    return this.#next[page] === NO_PAGE;
  }

  /** Words of slots in a page that has another one behind it. */
  usedWords(page: number): number {
    return this.#usedWords[page]!;
  }

  slab(page: number): SlotSlab {
    return this.#slabs[page >>> SLAB_SHIFT]!;
  }

  /** Word index of the page in its slab. */
  static startWord(page: number): number {
    return (page & (SLAB_PAGES - 1)) << PAGE_SHIFT;
  }

  static get pageWords(): number {
    return PAGE_WORDS;
  }

  #allocate(): void {
    const firstPage = this.#slabs.length * SLAB_PAGES;
    const pages = firstPage + SLAB_PAGES;
    const u32 = new Uint32Array(SLAB_PAGES * PAGE_WORDS);
    this.#slabs.push({ u32, big: new BigUint64Array(u32.buffer) });
    if (this.#next.length < pages) {
      this.#next = larger(this.#next, pages * 2);
      this.#usedWords = larger(this.#usedWords, pages * 2);
    }
    for (let page = pages - 1; page >= firstPage; page--) {
      this.#free.push(page);
    }
  }
}

function larger(words: Int32Array, length: number): Int32Array {
  const grown = new Int32Array(length);
  grown.set(words);
  return grown;
}
