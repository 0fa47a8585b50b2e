import { parentPort, workerData } from 'node:worker_threads';

import { Kind, Op, RingProducer } from '@sockflow/core';

import type { FeedJob, Order } from './feed.ts';

/* Makes events in a thread of its own, on order: into a ring, published every so many, or as messages of so many objects. */

const OP_WORD = Kind.OP | (Op.RTT_CB << 8);
const { ring } = workerData as FeedJob;
const producer = new RingProducer(ring);

function intoRing(events: number, publishEvery: number): void {
  const { u32 } = producer.memory;
  for (let index = 0; index < events; index++) {
    let word = producer.tryClaim(256);
    while (word < 0) word = producer.tryClaim(256);
    u32[word + 2] = OP_WORD;
    for (let at = word + 3; at < word + 64; at++) u32[at] = index;
    producer.submit(word);
    if ((index + 1) % publishEvery === 0) producer.publish();
  }
  producer.publish();
}

function asMessages(events: number, perMessage: number): void {
  let batch: object[] = [];
  for (let index = 0; index < events; index++) {
    // oxfmt-ignore
    batch.push({
      op: 'RTT_CB', tsNs: index, cookie: index, netnsCookie: 1, state: 1, family: 2, remotePort: 443, localPort: 50_000, remoteIp: '10.203.0.1', localIp: '10.203.0.2',
      srttUs: index, mrttUs: index, sndCwnd: 10, packetsOut: 1, retransOut: 0, lostOut: 0, segsIn: index, segsOut: index, bytesAcked: index, bytesReceived: index,
    });
    if (batch.length === perMessage) {
      parentPort?.postMessage(batch);
      batch = [];
    }
  }
  if (batch.length > 0) parentPort?.postMessage(batch);
}

parentPort?.on('message', ({ how, events, every }: Order) => {
  if (how === 'ring') intoRing(events, every);
  else asMessages(events, every);
});
