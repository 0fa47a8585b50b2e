import { type Batch, type EventView, isBatch, type Origin } from '@sockflow/core';

import { ByteOutput } from '../encodings/bytes/byte-output.ts';
import type { Chunk } from '../encodings/bytes/chunk.ts';
import type { Encoder } from '../encodings/encoding.ts';
import type { KafkaKey } from './kafka-options.ts';

/** Takes one record: its value is valid for as long as the call. `count` is 1 for an event or a value, 0 for a marker. */
export type TakeRecord = (value: Uint8Array, key: string | undefined, count: 0 | 1) => void;

/** Makes records of what a sink is given: encodes it, takes it apart again item by item, and gives each its key. */
export class RecordSource {
  readonly #encoder: Encoder;
  readonly #key: KafkaKey;
  /** Bytes at the end of each item that a record does not have: the line end of JSON. */
  readonly #trimBytes: number;
  readonly #take: TakeRecord;
  readonly #out: ByteOutput;
  #batch: Batch | undefined;
  #value: unknown;
  #event: number;

  constructor(encoder: Encoder, key: KafkaKey, trimBytes: number, take: TakeRecord) {
    this.#encoder = encoder;
    this.#key = key;
    this.#trimBytes = trimBytes;
    this.#take = take;
    this.#out = new ByteOutput((chunk) => this.#takeChunk(chunk));
    this.#batch = undefined;
    this.#value = undefined;
    this.#event = 0;
  }

  add(input: unknown): void {
    this.#event = 0;
    if (isBatch(input)) {
      this.#batch = input;
      this.#encoder.encodeBatch(input, this.#out);
    } else {
      this.#batch = undefined;
      this.#value = input;
      this.#encoder.encodeValue(input, this.#out);
    }
    // While the batch can be read: its keys are needed.
    this.#out.seal();
  }

  #takeChunk(chunk: Chunk): void {
    let start = 0;
    let counted = 0;
    for (let item = 0; item < chunk.items; item++) {
      const end = chunk.itemEnds[item]!;
      const isCounted = chunk.itemCounts[item]! > counted;
      const key = isCounted ? this.#keyOfNext() : this.#batch?.origin.id;
      counted = chunk.itemCounts[item]!;
      this.#take(chunk.bytes.subarray(start, end - this.#trimBytes), key, isCounted ? 1 : 0);
      start = end;
    }
    this.#out.release(chunk);
  }

  #keyOfNext(): string | undefined {
    const key = this.#key;
    const batch = this.#batch;
    if (key === 'none') return undefined;
    if (batch === undefined)
      return typeof key === 'function' ? key(this.#value, undefined) : undefined;
    const event = batch.at(this.#event++);
    if (typeof key === 'function') return key(event, batch.origin);
    return keyOfEvent(key, event, batch.origin);
  }
}

function keyOfEvent(
  key: 'connection' | 'remote-address' | 'local-address',
  event: EventView,
  origin: Origin,
): string | undefined {
  if (key === 'connection') {
    return `${origin.id}/${event.netnsCookieNumber ?? 0}:${event.cookieNumber}`;
  }
  return key === 'remote-address' ? event.remoteAddress : event.localAddress;
}
