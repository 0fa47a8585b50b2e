import { Session } from 'node:inspector';

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface Script {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly Range[] }[];
}

/** What of the reader's code ran, by V8's own count of blocks: which places are new. */
export class Coverage {
  readonly #session: Session;
  readonly #isOwn: (url: string) => boolean;
  /** Blocks that ran, and all that were seen, as `url:start-end`. */
  readonly #ran: Set<string>;
  readonly #known: Set<string>;

  /** @param isOwn which scripts count */
  constructor(isOwn: (url: string) => boolean) {
    this.#session = new Session();
    this.#isOwn = isOwn;
    this.#ran = new Set();
    this.#known = new Set();
  }

  start(): void {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** @returns how many blocks have run since the last time that never ran before. */
  take(): number {
    const before = this.#ran.size;
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      for (const { url, functions } of result as readonly Script[]) {
        if (!this.#isOwn(url)) continue;
        for (const { ranges } of functions) this.#add(url, ranges);
      }
    });
    return this.#ran.size - before;
  }

  /** Blocks that ran, of those that are known. */
  get figures(): { readonly ran: number; readonly known: number } {
    return { ran: this.#ran.size, known: this.#known.size };
  }

  stop(): void {
    this.#session.disconnect();
  }

  #add(url: string, ranges: readonly Range[]): void {
    for (const { startOffset, endOffset, count } of ranges) {
      const block = `${url}:${startOffset}-${endOffset}`;
      this.#known.add(block);
      if (count > 0) this.#ran.add(block);
    }
  }
}
