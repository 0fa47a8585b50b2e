import { varintBytes, writeVarint } from './varint.ts';

/* Where fields are. */
const LENGTH_OFFSET = 8;
const LEADER_EPOCH_OFFSET = 12;
const MAGIC_OFFSET = 16;
const CRC_OFFSET = 17;
const ATTRIBUTES_OFFSET = 21;
const LAST_DELTA_OFFSET = 23;
const BASE_TIME_OFFSET = 27;
const MAX_TIME_OFFSET = 35;
const PRODUCER_ID_OFFSET = 43;
const PRODUCER_EPOCH_OFFSET = 51;
const SEQUENCE_OFFSET = 53;
const RECORDS_OFFSET = 57;
const HEAD_BYTES = 61;

const MAGIC = 2;
const FIRST_BYTES = 16 * 1024;
/** Attributes and the difference in time, which are 0, and five lengths of at most five bytes. */
const MAX_FRAME_BYTES = 2 + 5 * 5;

/** Headers of a record as they lie in it: how many, then each name and value with its length. */
export type EncodedHeaders = Uint8Array;

/** What a batch says of its producer; -1 each where there is none to say. */
export interface ProducerStamp {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly sequence: number;
}

/** How a batch is compressed, and its checksum: of the client. */
export interface BatchCodec {
  /** As attributes name it. */
  readonly bitmask: number;
  readonly compress: ((records: Buffer) => Buffer) | undefined;
  readonly crc32c: (bytes: Buffer) => number;
}

/**
 * Records of one partition, written as they go over the wire: one record batch of Kafka's format 2.
 *
 *   offset  bytes  field             meaning
 *   ------  -----  ----------------  ----------------------------------------------------
 *        0      8  base offset       0: the broker's to say
 *        8      4  length            of all that follows
 *       12      4  leader epoch      -1: not known
 *       16      1  magic             2
 *       17      4  CRC-32C           of all that follows
 *       21      2  attributes        the codec
 *       23      4  last delta        records - 1
 *       27      8  base time         ms, when the batch was sealed: that of all its records
 *       35      8  max time          the same
 *       43      8  producer id       -1: not idempotent
 *       51      2  producer epoch
 *       53      4  base sequence     of the first record
 *       57      4  records
 *       61      -  records           compressed together, where there is a codec
 *
 * A record: its length, 0 (attributes), 0 (difference in time), its number, key, value, headers. Lengths and numbers are zigzag varints; a key that is not there has length -1.
 *
 * The client does the same with a map, some buffers and bigints for each record, which takes longer than encoding an event: bench/src/kafka.
 */
export class RecordBatch {
  readonly partition: number;
  /** The broker has it. */
  isDelivered: boolean;
  records: number;
  #bytes: Buffer;
  #end: number;
  #sealed: Buffer | undefined;

  /** @param bytes - of an earlier batch, used again: fresh memory costs more than what is written into it */
  constructor(partition: number, bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)) {
    this.partition = partition;
    this.isDelivered = false;
    this.records = 0;
    this.#bytes = bytes;
    this.#end = HEAD_BYTES;
    this.#sealed = undefined;
  }

  /** Bytes so far, before compression. */
  get length(): number {
    return this.#end;
  }

  /** Adds a record whose value is `values` from `start` to `end` (exclusive). Everything is copied. */
  add(
    key: Uint8Array | undefined,
    values: Buffer,
    start: number,
    end: number,
    headers: EncodedHeaders,
  ): void {
    const valueBytes = end - start;
    const keyBytes = key === undefined ? 0 : key.length;
    const number = this.records++;
    const bodyBytes =
      2 +
      varintBytes(number) +
      (key === undefined ? 1 : varintBytes(keyBytes) + keyBytes) +
      varintBytes(valueBytes) +
      valueBytes +
      headers.length;
    this.#reserve(bodyBytes + MAX_FRAME_BYTES);
    const bytes = this.#bytes;
    let at = writeVarint(bytes, this.#end, bodyBytes);
    bytes[at] = 0;
    bytes[at + 1] = 0;
    at = writeVarint(bytes, at + 2, number);
    if (key === undefined) {
      bytes[at++] = 1;
    } else {
      at = writeVarint(bytes, at, keyBytes);
      bytes.set(key, at);
      at += keyBytes;
    }
    at = writeVarint(bytes, at, valueBytes);
    values.copy(bytes, at, start, end);
    at += valueBytes;
    bytes.set(headers, at);
    this.#end = at + headers.length;
  }

  /** The batch as it is sent; of another stamp when it is sealed again. Nothing is added afterwards. */
  seal({ producerId, producerEpoch, sequence }: ProducerStamp, codec: BatchCodec): Buffer {
    const sealed = (this.#sealed ??= this.#close(codec));
    sealed.writeBigInt64BE(producerId, PRODUCER_ID_OFFSET);
    sealed.writeInt16BE(producerEpoch, PRODUCER_EPOCH_OFFSET);
    sealed.writeInt32BE(sequence, SEQUENCE_OFFSET);
    sealed.writeUInt32BE(codec.crc32c(sealed.subarray(ATTRIBUTES_OFFSET)), CRC_OFFSET);
    return sealed;
  }

  /** Its memory, for the next one: it is over. */
  takeBytes(): Buffer {
    return this.#bytes;
  }

  #close({ bitmask, compress }: BatchCodec): Buffer {
    let bytes = this.#bytes.subarray(0, this.#end);
    if (compress !== undefined) {
      bytes = Buffer.concat([bytes.subarray(0, HEAD_BYTES), compress(bytes.subarray(HEAD_BYTES))]);
    }
    const nowMs = BigInt(Date.now());
    bytes.fill(0, 0, LENGTH_OFFSET);
    bytes.writeInt32BE(bytes.length - LEADER_EPOCH_OFFSET, LENGTH_OFFSET);
    bytes.writeInt32BE(-1, LEADER_EPOCH_OFFSET);
    bytes[MAGIC_OFFSET] = MAGIC;
    bytes.writeInt16BE(bitmask, ATTRIBUTES_OFFSET);
    bytes.writeInt32BE(this.records - 1, LAST_DELTA_OFFSET);
    bytes.writeBigInt64BE(nowMs, BASE_TIME_OFFSET);
    bytes.writeBigInt64BE(nowMs, MAX_TIME_OFFSET);
    bytes.writeInt32BE(this.records, RECORDS_OFFSET);
    return bytes;
  }

  #reserve(bytes: number): void {
    const needed = this.#end + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

/** Headers of many records, encoded once. */
export function encodeHeaders(headers: ReadonlyMap<Uint8Array, Uint8Array>): EncodedHeaders {
  let longest = MAX_FRAME_BYTES;
  for (const [name, value] of headers) longest += name.length + value.length + MAX_FRAME_BYTES;
  const bytes = new Uint8Array(longest);
  let at = writeVarint(bytes, 0, headers.size);
  for (const pair of headers) {
    for (const text of pair) {
      at = writeVarint(bytes, at, text.length);
      bytes.set(text, at);
      at += text.length;
    }
  }
  return bytes.slice(0, at);
}
