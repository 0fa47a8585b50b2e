import type { Batch, EventView } from '@sockflow/core';

import type { KafkaKey } from './kafka-options.ts';
import { partitionOfKey } from './murmur2.ts';

/** Keys kept with their partitions: connections that are open at a time, about. */
const MAX_KEPT = 65_536;
/** Memory of keys, taken by so much. */
const KEY_MEMORY_BYTES = 64 * 1024;
const KEY_BYTES_PER_UNIT = 3;

/** A key, and the partition that Kafka's Java client gives it. */
export interface Place {
  readonly key: Buffer;
  readonly partition: number;
}

/** Where records go. A key is made and hashed once for as long as it is kept. */
export class Places {
  readonly #key: KafkaKey;
  readonly #partitions: number;
  readonly #byText: Map<string, Place>;
  /** By origin and network namespace, then by cookie: no text is made of what is there already. */
  readonly #connections: Map<string, Map<number, Map<number, Place>>>;
  #kept: number;
  /** Where the next keys come, from `#keyEnd` on. */
  #keyMemory: Buffer;
  #keyEnd: number;

  constructor(key: KafkaKey, partitions: number) {
    this.#key = key;
    this.#partitions = partitions;
    this.#byText = new Map();
    this.#connections = new Map();
    this.#kept = 0;
    this.#keyMemory = Buffer.alloc(0);
    this.#keyEnd = 0;
  }

  /** Whether nothing has a key. */
  get isKeyless(): boolean {
    return this.#key === 'none';
  }

  /** @returns `undefined` for what has no key */
  ofEvent(event: EventView, origin: Batch['origin']): Place | undefined {
    const key = this.#key;
    if (key === 'connection') return this.#ofConnection(event, origin.id);
    if (key === 'none') return undefined;
    if (key === 'origin') return this.ofText(origin.id);
    if (typeof key === 'function') return this.ofText(key(event, origin));
    return this.ofText(key === 'remote-address' ? event.remoteAddress : event.localAddress);
  }

  ofValue(value: unknown): Place | undefined {
    return typeof this.#key === 'function' ? this.ofText(this.#key(value, undefined)) : undefined;
  }

  ofText(text: string | undefined): Place | undefined {
    if (text === undefined) return undefined;
    let place = this.#byText.get(text);
    if (place === undefined) {
      this.#makeRoom();
      place = this.#placeOf(text);
      this.#byText.set(text, place);
    }
    return place;
  }

  #ofConnection(event: EventView, originId: string): Place {
    const netns = event.netnsCookieNumber ?? 0;
    const cookie = event.cookieNumber;
    const place = this.#connections.get(originId)?.get(netns)?.get(cookie);
    return place ?? this.#keepConnection(originId, netns, cookie);
  }

  #keepConnection(originId: string, netns: number, cookie: number): Place {
    this.#makeRoom();
    const place = this.#placeOf(`${originId}/${netns}:${cookie}`);
    let byNetns = this.#connections.get(originId);
    if (byNetns === undefined) this.#connections.set(originId, (byNetns = new Map()));
    let byCookie = byNetns.get(netns);
    if (byCookie === undefined) byNetns.set(netns, (byCookie = new Map()));
    byCookie.set(cookie, place);
    return place;
  }

  #placeOf(text: string): Place {
    const longestBytes = text.length * KEY_BYTES_PER_UNIT;
    // Not of Node's pool, where a key would keep alive what has nothing to do with it, nor each of its own: memory of some bytes costs more than what is done with the key.
    if (this.#keyEnd + longestBytes > this.#keyMemory.length) {
      this.#keyMemory = Buffer.allocUnsafeSlow(Math.max(KEY_MEMORY_BYTES, longestBytes));
      this.#keyEnd = 0;
    }
    const start = this.#keyEnd;
    this.#keyEnd += this.#keyMemory.write(text, start);
    const key = this.#keyMemory.subarray(start, this.#keyEnd);
    return { key, partition: partitionOfKey(key, this.#partitions) };
  }

  #makeRoom(): void {
    if (this.#kept++ < MAX_KEPT) return;
    this.#byText.clear();
    this.#connections.clear();
    this.#kept = 1;
  }
}
