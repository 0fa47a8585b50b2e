import { type Batch, isBatch, type Origin } from '@sockflow/core';
import { KafkaError, type RecordSchema } from '@sockflow/kafka-client';

import { ByteOutput } from '../encodings/bytes/byte-output.ts';
import type { Chunk } from '../encodings/bytes/chunk.ts';
import type { Encoder } from '../encodings/encoding.ts';
import type { Place, Places } from './places.ts';
import type { EncodedHeaders } from './record-batch.ts';
import { OriginHeaders, valueHeaders } from './record-headers.ts';
import { RECORD_OVERHEAD_BYTES, type RecordMaker } from './record-maker.ts';
import type { RequestQueue } from './request-queue.ts';

/** How single records look. */
export interface SingleRecordsOptions {
  readonly topic: string;
  readonly schemas: {
    readonly event: RecordSchema;
    readonly marker: RecordSchema;
    readonly value: RecordSchema;
  };
  /** Bytes at the end of each item that a record does not have: the line end of JSON. */
  readonly trimBytes: number;
  readonly maxRecordBytes: number;
  readonly partitions: number;
  readonly lane: number;
  readonly lanes: number;
}

/** A record for each event, marker or value: encodes what it is given, and takes it apart again item by item. */
export class SingleRecords implements RecordMaker {
  readonly #queue: RequestQueue;
  readonly #encoder: Encoder;
  readonly #places: Places;
  readonly #options: SingleRecordsOptions;
  readonly #eventHeaders: OriginHeaders;
  readonly #markerHeaders: OriginHeaders;
  readonly #valueHeaders: EncodedHeaders;
  readonly #out: ByteOutput;
  /** Those that are taken apart. */
  #values: Buffer;
  #headers: EncodedHeaders;
  #overheadBytes: number;
  #batch: Batch | undefined;
  #value: unknown;
  #event: number;
  #marker: number;

  constructor(
    queue: RequestQueue,
    encoder: Encoder,
    places: Places,
    options: SingleRecordsOptions,
  ) {
    this.#queue = queue;
    this.#encoder = encoder;
    this.#places = places;
    this.#options = options;
    this.#eventHeaders = new OriginHeaders(options.schemas.event);
    this.#markerHeaders = new OriginHeaders(options.schemas.marker);
    this.#valueHeaders = valueHeaders(options.schemas.value);
    this.#out = new ByteOutput((chunk) => this.#takeChunk(chunk));
    this.#values = Buffer.alloc(0);
    this.#headers = this.#valueHeaders;
    this.#overheadBytes = 0;
    this.#batch = undefined;
    this.#value = undefined;
    this.#event = 0;
    this.#marker = 0;
  }

  add(input: unknown): void {
    this.#event = 0;
    this.#marker = 0;
    if (isBatch(input)) {
      this.#batch = input;
      this.#useHeaders(this.#eventHeaders.of(input.origin));
      this.#encoder.encodeBatch(input, this.#out);
    } else {
      this.#batch = undefined;
      this.#value = input;
      this.#useHeaders(this.#valueHeaders);
      this.#encoder.encodeValue(input, this.#out);
    }
    // While the batch can be read: its keys are needed.
    this.#out.seal();
  }

  complete(): void {
    // Each record is complete when it is added.
  }

  #useHeaders(headers: EncodedHeaders): void {
    if (headers === this.#headers && this.#overheadBytes > 0) return;
    this.#headers = headers;
    this.#overheadBytes = RECORD_OVERHEAD_BYTES + headers.length;
  }

  #takeChunk(chunk: Chunk): void {
    const { itemEnds, itemCounts, items, bytes } = chunk;
    const { trimBytes } = this.#options;
    this.#values = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    let counted = 0;
    for (let item = 0; item < items; item++) {
      const end = itemEnds[item]!;
      const isCounted = itemCounts[item]! > counted;
      if (isCounted) this.#addCounted(start, end - trimBytes);
      else this.#addMarker(start, end - trimBytes);
      counted = itemCounts[item]!;
      start = end;
    }
    // Everything is copied into the requests.
    this.#out.release(chunk);
  }

  #addCounted(start: number, end: number): void {
    const batch = this.#batch;
    if (batch === undefined) this.#add(start, end, this.#places.ofValue(this.#value));
    else if (this.#places.isKeyless) this.#add(start, end, undefined);
    else this.#add(start, end, this.#places.ofEvent(batch.at(this.#event++), batch.origin));
  }

  #add(start: number, end: number, place: Place | undefined): void {
    const key = place?.key;
    const partition = place?.partition ?? this.#queue.keylessPartition;
    const bytes = end - start + this.#overheadBytes + (key?.length ?? 0);
    this.#checkSize(bytes);
    this.#queue.add(partition, key, this.#values, start, end, this.#headers, bytes, 1);
  }

  #addMarker(start: number, end: number): void {
    const batch = this.#batch;
    const marker = batch?.markers[this.#marker++];
    if (batch === undefined || marker === undefined) return;
    const { lane, lanes, partitions } = this.#options;
    if (marker.kind === 'LOSS_MARKER') this.#addMarkerTo(undefined, start, end, batch.origin);
    else
      for (let partition = lane; partition < partitions; partition += lanes)
        this.#addMarkerTo(partition, start, end, batch.origin);
  }

  /** @param partition - that of the origin's id where not given */
  #addMarkerTo(partition: number | undefined, start: number, end: number, origin: Origin): void {
    const place = this.#places.ofText(origin.id)!;
    const headers = this.#markerHeaders.of(origin);
    const target = partition ?? place.partition;
    const bytes = end - start + place.key.length + this.#overheadBytes;
    this.#queue.add(target, place.key, this.#values, start, end, headers, bytes, 0);
  }

  #checkSize(bytes: number): void {
    const { topic, maxRecordBytes } = this.#options;
    if (bytes <= maxRecordBytes) return;
    throw new KafkaError(
      'ERR_SOCKFLOW_KAFKA_REFUSED',
      `Kafka topic '${topic}': a record of ${bytes} bytes is larger than maxRecordBytes, ${maxRecordBytes}`,
      {
        remedy:
          "Write fewer fields or smaller values, or raise maxRecordBytes (max-record) and the topic's max.message.bytes",
        details: { topic, bytes, maxRecordBytes },
      },
    );
  }
}
