import { formatIp4, formatIp6 } from '../../schema/address.ts';
import { PRESENCE_BIT } from '../../schema/generated/presence.ts';

const IP4_BIT = 1 << PRESENCE_BIT.remote_ip4;
const IP6_BIT = 1 << PRESENCE_BIT.remote_ip6;
const ROLE_BIT = 1 << PRESENCE_BIT.owner_role;

/**
 * What records say of connections besides their key and times, as words of their slots: 13 per connection, in one array for all, since an array each would cost more than all the rest.
 *
 *   index  slot word  meaning
 *   -----  ---------  ----------------------------------
 *       0          3  family, role
 *       1         10  ports
 *       2      12-13  IPv4 addresses, remote and local
 *       4         14  presence, low half
 *       5      16-23  IPv6 addresses, remote and local
 */
export class FactStore {
  #words: Uint32Array;
  #end: number;
  readonly #free: number[];

  constructor() {
    this.#words = new Uint32Array(FACT_WORDS * 64);
    this.#end = 0;
    this.#free = [];
  }

  /** A place for one connection, filled from the slot at word `w`. */
  take(m: Uint32Array, w: number): number {
    const place = this.#free.pop() ?? this.#end;
    if (place === this.#end) {
      this.#end += FACT_WORDS;
      if (this.#end > this.#words.length) this.#grow();
    }
    this.#fill(place, m, w);
    return place;
  }

  release(place: number): void {
    this.#free.push(place);
  }

  /** Takes over what a later event knows more: an owner, an address, a port that was not bound yet. */
  learn(place: number, m: Uint32Array, w: number): void {
    const words = this.#words;
    const knowsMore =
      (m[w + 14]! & ~words[place + PRESENCE]! & (ROLE_BIT | IP4_BIT | IP6_BIT)) !== 0 ||
      (m[w + 10]! !== words[place + PORTS]! && m[w + 10]! >>> 16 !== 0);
    if (knowsMore) this.#fill(place, m, w);
  }

  presence(place: number): number {
    return this.#words[place + PRESENCE]!;
  }

  family(place: number): number {
    return (this.#words[place]! >>> 24) & 15;
  }

  role(place: number): number | undefined {
    const isKnown = (this.presence(place) & ROLE_BIT) !== 0;
    return isKnown ? (this.#words[place]! >>> 29) & 3 : undefined;
  }

  localPort(place: number): number {
    return this.#words[place + PORTS]! >>> 16;
  }

  remotePort(place: number): number {
    const raw = this.#words[place + PORTS]! & 0xffff;
    return ((raw & 0xff) << 8) | (raw >>> 8);
  }

  /** `end`: 0 the remote one, 1 the local one. */
  address(place: number, end: 0 | 1): string | undefined {
    const words = this.#words;
    const presence = this.presence(place);
    if ((presence & (IP4_BIT << end)) !== 0) return formatIp4(words[place + IP4 + end]!);
    if ((presence & (IP6_BIT << end)) === 0) return undefined;
    const at = place + IP6 + end * 4;
    return formatIp6(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
  }

  #fill(place: number, m: Uint32Array, w: number): void {
    const words = this.#words;
    words[place] = m[w + 3]!;
    words[place + PORTS] = m[w + 10]!;
    words[place + IP4] = m[w + 12]!;
    words[place + IP4 + 1] = m[w + 13]!;
    words[place + PRESENCE] = m[w + 14]!;
    for (let index = 0; index < 8; index++) words[place + IP6 + index] = m[w + 16 + index]!;
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
  }
}

const FACT_WORDS = 13;
const PORTS = 1;
const IP4 = 2;
const PRESENCE = 4;
const IP6 = 5;
