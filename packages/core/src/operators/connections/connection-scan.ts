import type { Batch } from '../../batch/batch.ts';
import type { EventView } from '../../schema/generated/view-types.ts';
import { Kind } from '../../schema/kind.ts';
import { Op } from '../../schema/op.ts';
import { TcpState } from '../../schema/tcp-state.ts';
import { ActivityList } from './activity-list.ts';
import type { ConnectionCounts } from './connection-counts.ts';
import { ConnectionEntry } from './connection-entry.ts';
import type { ConnectionEnding, ConnectionRecord } from './connection-record.ts';
import { ConnectionTable } from './connection-table.ts';
import { FactStore } from './fact-store.ts';

/** What a scan is made with; times in ns, Infinity for never. */
export interface ConnectionScanOptions<E, S> {
  readonly init: (first: E) => S;
  readonly update: (state: S, event: E) => S | void;
  readonly copy: (state: S) => S;
  readonly everyNs: number;
  readonly idleNs: number;
  readonly maxConnections: number;
  readonly counts: ConnectionCounts;
}

const STATE_CB_EVENT = Kind.OP | (Op.STATE_CB << 8);
const NEW_STATE_WORD = 25;
const STATE_SHIFT = 24;

/**
 * Whether its socket is closed, and stays so: a reset that it sends (HDR_OPT_LEN_CB) and time stamps come after the close. A socket that is used again says so, by a STATE_CB
 * out of CLOSE or by an op in its new state.
 */
function isOfClosedSocket(m: Uint32Array, w: number): boolean {
  const head = m[w + 2]!;
  if (head >>> STATE_SHIFT !== TcpState.CLOSE) return false;
  return (head & 0xffff) !== STATE_CB_EVENT || m[w + NEW_STATE_WORD] === TcpState.CLOSE;
}

/**
 * The state per connection of one subscription. Time is event time: that of an origin moves on by the end times of its batches, and what a batch's end time says has passed,
 * no later event of that origin undoes. So what is emitted does not depend on how events were cut into batches; when it is emitted may.
 */
export class ConnectionScan<E extends EventView, S> {
  readonly #options: ConnectionScanOptions<E, S>;
  readonly #emit: (record: ConnectionRecord<S>) => void;
  readonly #table: ConnectionTable<S>;
  readonly #activity: ActivityList<S>;
  readonly #facts: FactStore;
  readonly #origins: Map<string, number>;
  readonly #originIds: string[];
  readonly #clocksNs: number[];

  constructor(options: ConnectionScanOptions<E, S>, emit: (record: ConnectionRecord<S>) => void) {
    this.#options = options;
    this.#emit = emit;
    this.#table = new ConnectionTable();
    this.#activity = new ActivityList();
    this.#facts = new FactStore();
    this.#origins = new Map();
    this.#originIds = [];
    this.#clocksNs = [];
  }

  /** Takes the selected events of a batch, then moves the clock to its end. */
  add(batch: Batch<E>): void {
    const origin = this.#originIndex(batch.origin.id);
    const { memory, words } = batch.raw;
    const m = memory.u32;
    batch.forEach((event, index) => this.#addEvent(m, words[index]!, origin, event));
    this.#clocksNs[origin] = Math.max(this.#clocksNs[origin]!, Math.round(batch.endTimeUs * 1000));
    this.#passTime();
  }

  /** The source has ended: what is left is emitted. */
  end(): void {
    const { idleNs, counts } = this.#options;
    for (;;) {
      const entry = this.#activity.oldest;
      if (entry === undefined) return;
      if (this.#silentNs(entry) >= idleNs) {
        this.#finishIdle(entry);
      } else {
        counts.open++;
        this.#emitDueInterval(entry, entry.lifeNs + this.#silentNs(entry));
        this.#finish(entry, 'open');
      }
    }
  }

  #addEvent(m: Uint32Array, w: number, origin: number, event: E): void {
    const { update, everyNs, idleNs, counts } = this.#options;
    const hash = ConnectionTable.hash(m, w, origin);
    let entry = this.#table.find(m, w, origin, hash);
    if (entry !== undefined && entry.sinceLastNs(m[w + 4]!, m[w + 5]!) >= idleNs) {
      this.#finishIdle(entry);
      entry = undefined;
    }
    if (entry === undefined) {
      if (isOfClosedSocket(m, w)) return;
      entry = this.#open(m, w, origin, hash, event);
    } else {
      if (everyNs !== Infinity) this.#crossIntervals(entry, m, w);
      this.#activity.moveToNewest(entry);
    }
    entry.touch(m, w);
    this.#facts.learn(entry.facts, m, w);
    const state = update(entry.state, event);
    if (state !== undefined) entry.state = state;
    if ((m[w + 2]! & 0xffff) === STATE_CB_EVENT && m[w + NEW_STATE_WORD] === TcpState.CLOSE) {
      counts.closed++;
      this.#finish(entry, 'closed');
    }
  }

  #open(m: Uint32Array, w: number, origin: number, hash: number, event: E): ConnectionEntry<S> {
    const { init, maxConnections, counts } = this.#options;
    if (this.#table.size >= maxConnections) {
      counts.evicted++;
      this.#finish(this.#activity.oldest!, 'evicted');
    }
    const state = init(event);
    const entry = new ConnectionEntry<S>(m, w, origin, hash, this.#facts.take(m, w), state);
    this.#table.add(entry);
    this.#activity.add(entry);
    counts.opened++;
    return entry;
  }

  /** An event lies behind a boundary (first event + k * everyNs): what was before it is due. */
  #crossIntervals(entry: ConnectionEntry<S>, m: Uint32Array, w: number): void {
    const lifeNs = entry.sinceFirstNs(m[w + 4]!, m[w + 5]!);
    this.#emitDueInterval(entry, lifeNs);
    entry.intervals = Math.max(entry.intervals, Math.floor(lifeNs / this.#options.everyNs));
  }

  /** What the clocks of the origins say has passed. The list is in the order of activity, so each look ends at the first that is not due. */
  #passTime(): void {
    const { everyNs, idleNs } = this.#options;
    if (everyNs !== Infinity) {
      for (;;) {
        const entry = this.#activity.unseen;
        if (entry === undefined || this.#silentNs(entry) < everyNs) break;
        this.#activity.see();
        this.#emitDueInterval(entry, entry.lifeNs + Math.min(this.#silentNs(entry), idleNs));
      }
    }
    if (idleNs === Infinity) return;
    for (;;) {
      const entry = this.#activity.oldest;
      if (entry === undefined || this.#silentNs(entry) < idleNs) return;
      this.#finishIdle(entry);
    }
  }

  #silentNs(entry: ConnectionEntry<S>): number {
    return this.#clocksNs[entry.origin]! - entry.lastNs;
  }

  /** The record of the first boundary after the last event, where it lies within `lifeNs` of the first. */
  #emitDueInterval(entry: ConnectionEntry<S>, lifeNs: number): void {
    if (!entry.hasChanged || (entry.intervals + 1) * this.#options.everyNs > lifeNs) return;
    entry.hasChanged = false;
    const originId = this.#originIds[entry.origin]!;
    // The state goes on being changed: whoever gets the record has a copy.
    const state = this.#options.copy(entry.state);
    this.#emit(entry.toRecord(this.#facts, originId, 'interval', state));
  }

  /** It ended idleNs after its last event, whenever that is found out: so long boundaries are its. */
  #finishIdle(entry: ConnectionEntry<S>): void {
    this.#options.counts.idle++;
    this.#emitDueInterval(entry, entry.lifeNs + this.#options.idleNs);
    this.#finish(entry, 'idle');
  }

  #finish(entry: ConnectionEntry<S>, end: ConnectionEnding): void {
    this.#table.remove(entry);
    this.#activity.remove(entry);
    const originId = this.#originIds[entry.origin]!;
    const record = entry.toRecord(this.#facts, originId, end, entry.state);
    this.#facts.release(entry.facts);
    this.#emit(record);
  }

  #originIndex(id: string): number {
    let index = this.#origins.get(id);
    if (index === undefined) {
      index = this.#originIds.length;
      this.#origins.set(id, index);
      this.#originIds.push(id);
      this.#clocksNs.push(0);
    }
    return index;
  }
}
