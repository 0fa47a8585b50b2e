import { writeUnsignedVarint } from './varint.ts';

/* Version 9 of Produce is in every broker from 2.8 to 4.x. Later ones add transactions, and leaders in the answer. */
const PRODUCE_KEY = 0;
export const PRODUCE_VERSION = 9;
/** How long the leader waits for its followers. */
const ACKS_TIMEOUT_MS = 30_000;
/** No tags, and no transactional id. */
const NONE = 0;
const MAX_VARINT_BYTES = 5;

/** A batch as it goes over the wire. */
export interface SealedBatch {
  readonly partition: number;
  readonly bytes: Buffer;
}

/**
 * Produce requests of one client for one topic, version 9: what lies around the batches, which are not copied.
 *
 *   api key, version, correlation id, client id, tags; transactional id (null), acks, timeout, topics: one: name, partitions: index, records, tags each; tags; tags
 *
 * Lengths of arrays, texts and records are varints, one more than they are.
 */
export class ProduceRequest {
  readonly #clientId: Buffer;
  readonly #topic: Buffer;
  readonly #acks: 1 | -1;

  constructor(clientId: string, topic: string, acks: 1 | -1) {
    this.#clientId = Buffer.from(clientId);
    this.#topic = Buffer.from(topic);
    this.#acks = acks;
  }

  parts(correlationId: number, batches: readonly SealedBatch[]): Uint8Array[] {
    const parts: Uint8Array[] = [this.#head(correlationId, batches.length)];
    for (const [index, { partition, bytes }] of batches.entries()) {
      const isFirst = index === 0;
      const between = Buffer.allocUnsafe(1 + 4 + MAX_VARINT_BYTES);
      let at = 0;
      // The tags of the one before.
      if (!isFirst) between[at++] = NONE;
      at = between.writeInt32BE(partition, at);
      at = writeUnsignedVarint(between, at, bytes.length + 1);
      parts.push(between.subarray(0, at), bytes);
    }
    parts.push(Buffer.alloc(3, NONE));
    return parts;
  }

  #head(correlationId: number, batches: number): Buffer {
    const clientId = this.#clientId;
    const topic = this.#topic;
    const head = Buffer.allocUnsafe(32 + clientId.length + topic.length + 2 * MAX_VARINT_BYTES);
    let at = head.writeInt16BE(PRODUCE_KEY, 0);
    at = head.writeInt16BE(PRODUCE_VERSION, at);
    at = head.writeInt32BE(correlationId, at);
    at = head.writeInt16BE(clientId.length, at);
    at += clientId.copy(head, at);
    head[at++] = NONE;
    head[at++] = NONE;
    at = head.writeInt16BE(this.#acks, at);
    at = head.writeInt32BE(ACKS_TIMEOUT_MS, at);
    at = writeUnsignedVarint(head, at, 1 + 1);
    at = writeUnsignedVarint(head, at, topic.length + 1);
    at += topic.copy(head, at);
    at = writeUnsignedVarint(head, at, batches + 1);
    return head.subarray(0, at);
  }
}
