import { Worker } from 'node:worker_threads';

import { type Pass, timedAsync } from '@sockflow/benchmark';
import { createRingMemory, RingConsumer, type RingMemory } from '@sockflow/core';

import { SRTT_WORD } from './srtt-word.ts';

export interface FeedJob {
  readonly ring: RingMemory;
}

export interface Order {
  readonly events: number;
  /** Events per publish. */
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

  /** `srttUs` of every event summed, out of the ring. @throws Error where that is not what was written */
  pass(events: number, every: number): Promise<Pass> {
    return timedAsync(async () => {
      this.#worker.postMessage({ events, every } satisfies Order);
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
          sum += u32[word + SRTT_WORD]!;
          count++;
        }
        this.#consumer.release();
      }
      const expected = (events * (events + 1)) / 2;
      if (count !== events || sum !== expected)
        throw new Error(`ring/threads: ${count} of ${events} with ${sum}, expected ${expected}`);
      return `${count} ${sum}`;
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
