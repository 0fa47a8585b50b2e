import { Worker } from 'node:worker_threads';

import { type Pass, timedAsync } from '@sockflow/benchmark';
import { createRingMemory, RingConsumer, type RingMemory } from '@sockflow/core';

export interface FeedJob {
  readonly ring: RingMemory;
}

export interface Order {
  readonly how: 'ring' | 'messages';
  readonly events: number;
  /** Events per publish, or per message. */
  readonly every: number;
}

/** A producing thread and this thread's end of what it makes. */
export class Feed {
  readonly #worker: Worker;
  readonly #consumer: RingConsumer;

  constructor() {
    const ring = createRingMemory({ capacityBytes: 4 * 2 ** 20 });
    const workerData: FeedJob = { ring };
    this.#worker = new Worker(new URL('./feed-worker.js', import.meta.url), { workerData });
    this.#consumer = new RingConsumer(ring, { origin: { id: 'bench' } });
  }

  /** `srttUs` of every event summed, out of the ring. */
  fromRing(events: number, every: number): Promise<Pass> {
    return timedAsync(async () => {
      this.#order({ how: 'ring', events, every });
      let count = 0;
      let sum = 0;
      while (count < events) {
        const span = this.#consumer.peek();
        if (span === undefined) {
          await this.#consumer.wait(1000);
          continue;
        }
        const { u32 } = span.memory;
        for (let word = span.startWord; word < span.endWord; word += 64) {
          sum += u32[word + 43]!;
          count++;
        }
        this.#consumer.release();
      }
      return `${count} ${sum}`;
    });
  }

  /** The same out of messages. */
  fromMessages(events: number, every: number): Promise<Pass> {
    return timedAsync(async () => {
      let count = 0;
      let sum = 0;
      await new Promise<void>((resolve) => {
        const take = (batch: readonly { srttUs: number }[]): void => {
          for (const { srttUs } of batch) sum += srttUs;
          count += batch.length;
          if (count < events) return;
          this.#worker.off('message', take);
          resolve();
        };
        this.#worker.on('message', take);
        this.#order({ how: 'messages', events, every });
      });
      return `${count} ${sum}`;
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #order(order: Order): void {
    this.#worker.postMessage(order);
  }
}
