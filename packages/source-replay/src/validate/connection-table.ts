import { WORD } from '../slot-words.ts';
import type { Connection } from './connection.ts';
import type { EventCursor } from './event-cursor.ts';

/** Cookies with a higher upper half are not exact as numbers. */
const EXACT_HIGH = 1 << 21;

/** Open sockets by origin, netns cookie and socket cookie. */
export class ConnectionTable {
  readonly #byNamespace: Map<string, Map<number | string, Connection>>;
  /** The namespace asked for last, and its table: most events come from few. */
  #originId: string;
  #netnsLow: number;
  #netnsHigh: number;
  #table: Map<number | string, Connection>;

  constructor() {
    this.#byNamespace = new Map();
    this.#originId = '';
    this.#netnsLow = 0;
    this.#netnsHigh = 0;
    this.#table = this.#select('', 0, 0);
  }

  get size(): number {
    let size = 0;
    for (const table of this.#byNamespace.values()) {
      size += table.size;
    }
    return size;
  }

  get(originId: string, event: EventCursor): Connection | undefined {
    return this.#tableOf(originId, event).get(keyOf(event));
  }

  add(originId: string, event: EventCursor, connection: Connection): void {
    this.#tableOf(originId, event).set(keyOf(event), connection);
  }

  remove(originId: string, event: EventCursor): void {
    this.#tableOf(originId, event).delete(keyOf(event));
  }

  /** Forgets request sockets without a child whose last event lies before `timeNs`. */
  forgetRequests(timeNs: number): void {
    for (const table of this.#byNamespace.values()) {
      for (const [key, connection] of table) {
        if (!connection.isFull && connection.lastTimeNs < timeNs) {
          table.delete(key);
        }
      }
    }
  }

  #tableOf(originId: string, event: EventCursor): Map<number | string, Connection> {
    const low = event.word(WORD.netns);
    const high = event.word(WORD.netns + 1);
    if (low !== this.#netnsLow || high !== this.#netnsHigh || originId !== this.#originId) {
      this.#table = this.#select(originId, low, high);
    }
    return this.#table;
  }

  #select(originId: string, low: number, high: number): Map<number | string, Connection> {
    this.#originId = originId;
    this.#netnsLow = low;
    this.#netnsHigh = high;
    const key = `${high}:${low}/${originId}`;
    let table = this.#byNamespace.get(key);
    if (table === undefined) {
      table = new Map();
      this.#byNamespace.set(key, table);
    }
    return table;
  }
}

function keyOf(event: EventCursor): number | string {
  const high = event.word(WORD.cookie + 1);
  const low = event.word(WORD.cookie);
  return high < EXACT_HIGH ? high * 4294967296 + low : `${high}:${low}`;
}
