import { formatIp4, formatIp6 } from '../../schema/address.ts';
import { PRESENCE_BIT } from '../../schema/generated/presence.ts';
import { FAMILY_NAMES, ROLE_NAMES } from '../../schema/names.ts';
import type { ConnectionEnding, ConnectionRecord } from './connection-record.ts';

const TWO_32 = 4294967296;
const NETNS_BIT = 1 << PRESENCE_BIT.netns_cookie;
const IP4_BIT = 1 << PRESENCE_BIT.remote_ip4;
const IP6_BIT = 1 << PRESENCE_BIT.remote_ip6;
const ROLE_BIT = 1 << PRESENCE_BIT.owner_role;

/* Words of the slot that name a connection and its ends: bytes 8-63 and 64-95, see schema/event-fields.ts. */
const FIRST_WORD = 2;
const FACT_WORDS = 22;

/**
 * One connection: its key and times as words, its facts as a copy of the slot's words, its state. Nothing of it is made per event.
 */
export class ConnectionEntry<S> {
  origin: number;
  cookieLow: number;
  cookieHigh: number;
  netnsLow: number;
  netnsHigh: number;
  hash: number;
  firstLow: number;
  firstHigh: number;
  lastLow: number;
  lastHigh: number;
  events: number;
  /** Whether an event came since the last record. */
  hasChanged: boolean;
  /** How many whole intervals had passed since the first event at the last one. */
  intervals: number;
  state: S;
  readonly facts: Uint32Array;
  /** Neighbours in the order of last activity. */
  older: ConnectionEntry<S> | undefined;
  newer: ConnectionEntry<S> | undefined;

  constructor(m: Uint32Array, w: number, origin: number, hash: number, state: S) {
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
    this.facts = m.slice(w + FIRST_WORD, w + FIRST_WORD + FACT_WORDS);
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

  /** Takes note of an event: its time, and facts that only later events have (an owner, a port not yet bound). */
  touch(m: Uint32Array, w: number): void {
    this.lastLow = m[w + 4]!;
    this.lastHigh = m[w + 5]!;
    this.events++;
    this.hasChanged = true;
    const { facts } = this;
    const knowsMore =
      ((m[w + 14]! & ~facts[14 - FIRST_WORD]! & (ROLE_BIT | IP4_BIT | IP6_BIT)) | 0) !== 0 ||
      (m[w + 10]! !== facts[10 - FIRST_WORD]! && m[w + 10]! >>> 16 !== 0);
    if (!knowsMore) return;
    for (let index = 0; index < FACT_WORDS; index++) facts[index] = m[w + FIRST_WORD + index]!;
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

  toRecord(originId: string, end: ConnectionEnding, state: S): ConnectionRecord<S> {
    const word = (index: number): number => this.facts[index - FIRST_WORD]!;
    const presence = word(14);
    const raw = word(10) & 0xffff;
    const local = this.#address(presence, 1);
    const remote = this.#address(presence, 0);
    return {
      originId,
      ...((presence & NETNS_BIT) === 0 ? {} : { netnsCookie: u64(this.netnsLow, this.netnsHigh) }),
      cookie: u64(this.cookieLow, this.cookieHigh),
      family: FAMILY_NAMES[(word(3) >>> 24) & 15]!,
      ...(local === undefined ? {} : { localAddress: local }),
      localPort: word(10) >>> 16,
      ...(remote === undefined ? {} : { remoteAddress: remote }),
      remotePort: ((raw & 0xff) << 8) | (raw >>> 8),
      ...((presence & ROLE_BIT) === 0 ? {} : { role: ROLE_NAMES[(word(3) >>> 29) & 3]! }),
      end,
      firstNs: u64(this.firstLow, this.firstHigh),
      lastNs: u64(this.lastLow, this.lastHigh),
      durationUs: this.lifeNs / 1000,
      events: this.events,
      state,
    };
  }

  /** `end`: 0 the remote one, 1 the local one. */
  #address(presence: number, end: 0 | 1): string | undefined {
    const word = (index: number): number => this.facts[index - FIRST_WORD]!;
    if ((presence & (IP4_BIT << end)) !== 0) return formatIp4(word(12 + end));
    const at = 16 + end * 4;
    return (presence & (IP6_BIT << end)) === 0
      ? undefined
      : formatIp6(word(at), word(at + 1), word(at + 2), word(at + 3));
  }
}

function u64(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
