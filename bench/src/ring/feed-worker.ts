import { parentPort, workerData } from 'node:worker_threads';

import { Kind, Op, RingProducer } from '@sockflow/core';

import type { FeedJob, Order } from './feed.ts';
import { SRTT_WORD } from './srtt-word.ts';

/* Makes events in a thread of its own, on order: into a ring, published every so many. */

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
    u32[word + SRTT_WORD] = index + 1;
    producer.submit(word);
    if ((index + 1) % publishEvery === 0) producer.publish();
  }
  producer.publish();
}

parentPort?.on('message', ({ events, every }: Order) => intoRing(events, every));
