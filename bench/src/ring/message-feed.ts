import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';

import { type Pass, timedAsync } from '@sockflow/benchmark';

import { SRTT_WORD } from './srtt-word.ts';

export interface MessageFeedJob {
  /** Where buffers come back to be filled anew. */
  readonly returned: MessagePort;
}

export interface MessageOrder {
  /** `objects`: arrays of objects, cloned; `object`: each event a message; `buffers`: slots in an ArrayBuffer, transferred. */
  readonly how: 'object' | 'objects' | 'buffers';
  readonly events: number;
  /** Events per message. */
  readonly every: number;
}

/** What is read of the objects. */
interface Sent {
  readonly srttUs: number;
}

type Message = Sent | readonly Sent[] | ArrayBuffer;

const SLOT_WORDS = 64;

/** A thread that makes events and sends them with `postMessage`, and this thread's end. */
export class MessageFeed {
  readonly #worker: Worker;
  readonly #returned: MessagePort;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    const workerData: MessageFeedJob = { returned: port2 };
    this.#returned = port1;
    this.#worker = new Worker(new URL('./message-feed-worker.js', import.meta.url), {
      workerData,
      transferList: [port2],
    });
  }

  /** `srttUs` of every event summed, as the events come. */
  pass(order: MessageOrder): Promise<Pass> {
    return timedAsync(async () => {
      let count = 0;
      let sum = 0;
      await new Promise<void>((resolve) => {
        const take = (message: Message): void => {
          if (message instanceof ArrayBuffer) {
            const words = new Uint32Array(message);
            for (let word = SRTT_WORD; word < words.length; word += SLOT_WORDS) {
              sum += words[word]!;
              count++;
            }
            this.#returned.postMessage(message, [message]);
          } else if (Array.isArray(message)) {
            for (const { srttUs } of message as readonly Sent[]) sum += srttUs;
            count += message.length;
          } else {
            sum += (message as Sent).srttUs;
            count++;
          }
          if (count < order.events) return;
          this.#worker.off('message', take);
          resolve();
        };
        this.#worker.on('message', take);
        this.#worker.postMessage(order);
      });
      return `${count} ${sum}`;
    });
  }

  async close(): Promise<void> {
    this.#returned.close();
    await this.#worker.terminate();
  }
}
