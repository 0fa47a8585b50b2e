import type { MessageToProduce } from '@platformatic/kafka';

/** Records that go out together. */
export class Request {
  readonly messages: MessageToProduce[];
  /** Bytes of each partition's records. */
  readonly partitionBytes: Uint32Array;
  bytes: number;
  /** Events and values among them. */
  count: number;
  /** When the first one was added, ms. */
  readonly openedMs: number;

  constructor(partitions: number) {
    this.messages = [];
    this.partitionBytes = new Uint32Array(partitions);
    this.bytes = 0;
    this.count = 0;
    this.openedMs = performance.now();
  }
}
