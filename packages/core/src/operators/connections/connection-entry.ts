import { PRESENCE_BIT } from '../../schema/generated/presence.ts';
import { FAMILY_NAMES, ROLE_NAMES } from '../../schema/names.ts';
import type { ConnectionEnding, ConnectionRecord } from './connection-record.ts';
import type { FactStore } from './fact-store.ts';

const TWO_32 = 4294967296;
const NETNS_BIT = 1 << PRESENCE_BIT.netns_cookie;

/**
 * One connection: its key and times as words, its facts as a place in a store, its state. Nothing of it is made per event.
 */
export class ConnectionEntry<S> {
  readonly origin: number;
  readonly cookieLow: number;
  readonly cookieHigh: number;
  readonly netnsLow: number;
  readonly netnsHigh: number;
  readonly hash: number;
  readonly firstLow: number;
  readonly firstHigh: number;
  lastLow: number;
  lastHigh: number;
  events: number;
  /** Whether an event came since the last record. */
  hasChanged: boolean;
  /** How many whole intervals had passed since the first event at the last one. */
  intervals: number;
  state: S;
  /** Its place in the store of facts. */
  readonly facts: number;
  /** Neighbours in the order of last activity. */
  older: ConnectionEntry<S> | undefined;
  newer: ConnectionEntry<S> | undefined;

  constructor(m: Uint32Array, w: number, origin: number, hash: number, facts: number, state: S) {
    this.origin = origin;
    this.cookieLow = m[w + 6]!;
    this.cookieHigh = m[w + 7]!;
    this.netnsLow = m[w + 8]!;
    this.netnsHigh = m[w + 9]!;
    this.hash = hash;
    this.firstLow = m[w + 4]!;
    this.firstHigh = m[w + 5]!;
    this.lastLow = this.firstLow;
    this.lastHigh = this.firstHigh;
    this.events = 0;
    this.hasChanged = false;
    this.intervals = 0;
    this.state = state;
    this.facts = facts;
    this.older = undefined;
    this.newer = undefined;
  }

  isOf(m: Uint32Array, w: number, origin: number): boolean {
    return (
      m[w + 6] === this.cookieLow &&
      m[w + 7] === this.cookieHigh &&
      m[w + 8] === this.netnsLow &&
      m[w + 9] === this.netnsHigh &&
      origin === this.origin
    );
  }

  /** Takes note of an event's time. */
  touch(m: Uint32Array, w: number): void {
    this.lastLow = m[w + 4]!;
    this.lastHigh = m[w + 5]!;
    this.events++;
    this.hasChanged = true;
  }

  /** From its first event to a time, ns; exact, since both are within a life. */
  sinceFirstNs(low: number, high: number): number {
    return (high - this.firstHigh) * TWO_32 + (low - this.firstLow);
  }

  /** From its last event to a time, ns. */
  sinceLastNs(low: number, high: number): number {
    return (high - this.lastHigh) * TWO_32 + (low - this.lastLow);
  }

  /** From its first event to its last, ns. */
  get lifeNs(): number {
    return this.sinceFirstNs(this.lastLow, this.lastHigh);
  }

  /** Its last event, ns since boot as a number. */
  get lastNs(): number {
    return this.lastHigh * TWO_32 + this.lastLow;
  }

  toRecord(
    store: FactStore,
    originId: string,
    end: ConnectionEnding,
    state: S,
  ): ConnectionRecord<S> {
    const { facts } = this;
    const record: Mutable<ConnectionRecord<S>> = {
      originId,
      cookie: u64(this.cookieLow, this.cookieHigh),
      family: FAMILY_NAMES[store.family(facts)]!,
      localPort: store.localPort(facts),
      remotePort: store.remotePort(facts),
      end,
      firstNs: u64(this.firstLow, this.firstHigh),
      lastNs: u64(this.lastLow, this.lastHigh),
      durationUs: this.lifeNs / 1000,
      events: this.events,
      state,
    };
    const role = store.role(facts);
    const local = store.address(facts, 1);
    const remote = store.address(facts, 0);
    if ((store.presence(facts) & NETNS_BIT) !== 0) {
      record.netnsCookie = u64(this.netnsLow, this.netnsHigh);
    }
    if (local !== undefined) record.localAddress = local;
    if (remote !== undefined) record.remoteAddress = remote;
    if (role !== undefined) record.role = ROLE_NAMES[role]!;
    return record;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const BIG = new BigUint64Array(1);
const HALVES = new Uint32Array(BIG.buffer);

/** The u64 of two halves; through memory, for one allocation instead of four. */
function u64(low: number, high: number): bigint {
  HALVES[0] = low;
  HALVES[1] = high;
  return BIG[0]!;
}
