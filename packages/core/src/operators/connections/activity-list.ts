import type { ConnectionEntry } from './connection-entry.ts';

/**
 * Connections in the order of their last activity, the oldest first, with a mark: those before it have been looked at since their last activity.
 */
export class ActivityList<S> {
  #oldest: ConnectionEntry<S> | undefined;
  #newest: ConnectionEntry<S> | undefined;
  #unseen: ConnectionEntry<S> | undefined;

  constructor() {
    this.#oldest = undefined;
    this.#newest = undefined;
    this.#unseen = undefined;
  }

  get oldest(): ConnectionEntry<S> | undefined {
    return this.#oldest;
  }

  /** The oldest one behind the mark. */
  get unseen(): ConnectionEntry<S> | undefined {
    return this.#unseen;
  }

  /** Moves the mark past `unseen`. */
  see(): void {
    this.#unseen = this.#unseen?.newer;
  }

  /** Adds an entry as the most recently active one. */
  add(entry: ConnectionEntry<S>): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
    this.#unseen ??= entry;
  }

  remove(entry: ConnectionEntry<S>): void {
    const { older, newer } = entry;
    if (this.#unseen === entry) this.#unseen = newer;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    entry.older = undefined;
    entry.newer = undefined;
  }

  /** An event of the entry came. */
  moveToNewest(entry: ConnectionEntry<S>): void {
    if (entry === this.#newest) {
      this.#unseen ??= entry;
      return;
    }
    this.remove(entry);
    this.add(entry);
  }
}
