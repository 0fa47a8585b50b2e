import type { EncodedHeaders } from './record-batch.ts';
import { Request } from './request.ts';

/** What all partitions together have in a request, at least as much as one may have. */
const REQUEST_BYTES = 4 * 1024 * 1024;

/** Requests in their order: the first are on their way, the last is filled. */
export class RequestQueue {
  readonly #partitions: number;
  readonly #batchBytes: number;
  readonly #requestBytes: number;
  readonly #requests: Request[];
  /** Memory of batches that are delivered. */
  readonly #memory: Buffer[];
  #nextPartition: number;
  /** So many are on their way. */
  #closed: number;
  pendingBytes: number;

  /** @param batchBytes - what one partition has in a request, where it is more than one record */
  constructor(partitions: number, batchBytes: number) {
    this.#partitions = partitions;
    this.#batchBytes = batchBytes;
    this.#requestBytes = Math.max(batchBytes, REQUEST_BYTES);
    this.#requests = [];
    this.#memory = [];
    this.#nextPartition = 0;
    this.#closed = 0;
    this.pendingBytes = 0;
  }

  /** What goes next. */
  get next(): Request | undefined {
    return this.#requests[this.#closed];
  }

  /** Whether the next one has gathered enough to go without waiting for more. */
  get isNextFull(): boolean {
    return this.#requests.length > this.#closed + 1 || (this.next?.bytes ?? 0) >= this.#batchBytes;
  }

  /** The partition of what has no key: the same while a request fills. */
  get keylessPartition(): number {
    return this.#nextPartition;
  }

  /** Nothing more comes into the next one: it is on its way. */
  closeNext(): void {
    const { next } = this;
    if (next === undefined) return;
    next.isClosed = true;
    this.#closed++;
  }

  /** The first is delivered. */
  shift(): Request | undefined {
    const request = this.#requests.shift();
    if (request === undefined) return undefined;
    this.#closed--;
    this.pendingBytes -= request.bytes;
    for (const batch of request.batches) this.#memory.push(batch.takeBytes());
    return request;
  }

  clear(): void {
    this.#requests.length = 0;
    this.#closed = 0;
    this.pendingBytes = 0;
  }

  /** Adds a record at the end, whose value is `values` from `start` to `end`: everything is copied. `bytes` is what it takes in a request, about. */
  add(
    partition: number,
    key: Uint8Array | undefined,
    values: Buffer,
    start: number,
    end: number,
    headers: EncodedHeaders,
    bytes: number,
    count: number,
  ): void {
    const request = this.requestFor(partition, bytes);
    this.addTo(request, partition, key, values, start, end, headers);
    this.take(request, partition, bytes, count);
  }

  /** Adds a record to a request in which its bytes are counted. */
  addTo(
    request: Request,
    partition: number,
    key: Uint8Array | undefined,
    values: Buffer,
    start: number,
    end: number,
    headers: EncodedHeaders,
  ): void {
    request.batchFor(partition, this.#memory).add(key, values, start, end, headers);
  }

  take(request: Request, partition: number, bytes: number, count: number): void {
    request.partitionBytes[partition]! += bytes;
    request.bytes += bytes;
    request.count += count;
    this.pendingBytes += bytes;
  }

  /** The last request where there is room in it, else a new one. */
  requestFor(partition: number, bytes: number): Request {
    const last = this.#requests[this.#requests.length - 1];
    if (last !== undefined && !last.isClosed) {
      const taken = last.partitionBytes[partition]!;
      const hasRoom = taken === 0 || taken + bytes <= this.#batchBytes;
      if (hasRoom && last.bytes + bytes <= this.#requestBytes) return last;
    }
    const request = new Request(this.#partitions);
    this.#requests.push(request);
    this.#nextPartition = (this.#nextPartition + 1) % this.#partitions;
    return request;
  }
}
