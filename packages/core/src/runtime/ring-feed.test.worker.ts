import { workerData } from 'node:worker_threads';

import { Op } from '../schema/op.ts';
import { EventProducer } from '../slot/ring/event-producer.ts';
import type { RingMemory } from '../slot/ring/ring-memory.ts';

/* The producing thread of the ring source's tests: `rounds` events of each of 10 connections, waiting for room; then it ends, or dies in the middle. */

export interface FeedJob {
  readonly rings: readonly RingMemory[];
  readonly rounds: number;
  readonly diesAtRound: number | undefined;
}

const { rings, rounds, diesAtRound } = workerData as FeedJob;
const producer = new EventProducer(rings);
for (let round = 0; round < rounds; round++) {
  if (round === diesAtRound) {
    producer.flush();
    throw new Error('the feed broke');
  }
  for (let cookie = 1; cookie <= 10; cookie++) {
    const event = {
      op: Op.RTT_CB,
      family: 2,
      cookie,
      netns_cookie: 1,
      ts_boot_ns: round * 1000,
      local_port: 80,
      remote_port: 443 * 65536,
      is_fullsock: 1,
      state: 1,
      args: [1, 2, 3, 4],
      snd_cwnd: round,
    };
    while (producer.tryPut(event) === 'full') await producer.waitForRoom(10_000);
  }
}
await producer.end(10_000);
