import { RecordBatch } from './record-batch.ts';

/** Records that go out together: one batch for each partition that has some. */
export class Request {
  /** In the order in which their first records came. */
  readonly batches: RecordBatch[];
  /** Bytes of each partition's records. */
  readonly partitionBytes: Uint32Array;
  bytes: number;
  /** Events and values among them. */
  count: number;
  /** Nothing more comes into it: it is on its way. */
  isClosed: boolean;
  /** When the first one was added, ms. */
  readonly openedMs: number;
  readonly #byPartition: (RecordBatch | undefined)[];

  constructor(partitions: number) {
    this.batches = [];
    this.partitionBytes = new Uint32Array(partitions);
    this.bytes = 0;
    this.count = 0;
    this.isClosed = false;
    this.openedMs = performance.now();
    this.#byPartition = Array.from({ length: partitions }, () => undefined);
  }

  get isDelivered(): boolean {
    return this.batches.every(({ isDelivered }) => isDelivered);
  }

  /** @param memory - of batches that are over */
  batchFor(partition: number, memory: Buffer[]): RecordBatch {
    let batch = this.#byPartition[partition];
    if (batch === undefined) {
      batch = new RecordBatch(partition, memory.pop());
      this.#byPartition[partition] = batch;
      this.batches.push(batch);
    }
    return batch;
  }
}
