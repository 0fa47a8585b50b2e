import { BroadcastChannel, workerData } from 'node:worker_threads';

import { Kind, Op, RingProducer } from '@sockflow/core';

import { IS_READING } from './latency-job.ts';
import type { ScheduleJob } from './scheduled-ring.ts';

/*
 * Fills a ring by a schedule that nothing puts off: what is due is filled at once, with the times at which it was due. Where the ring is full, or this thread was late, the slots are late, and their
 * age tells so. The clock is watched: a timer would be late by more than what is measured.
 */
const SLOT_BYTES = 256;
const SLOT_WORDS = SLOT_BYTES / 4;
const OP_WORD = Kind.OP | (Op.RTT_CB << 8);
/** What is published together where much is due. */
const MOST_TOGETHER = 64;

const { ring, job } = workerData as ScheduleJob;
const producer = new RingProducer(ring);
const { u32 } = producer.memory;

/** A slot with a time, ns, which is to be published. @returns whether there was room */
function fill(timeNs: number, value: number): boolean {
  const word = producer.tryClaim(SLOT_BYTES);
  if (word < 0) return false;
  u32[word + 2] = OP_WORD;
  u32[word + 3] = 0;
  u32[word + 4] = timeNs % 2 ** 32;
  u32[word + 5] = Math.floor(timeNs / 2 ** 32);
  for (let at = word + 6; at < word + SLOT_WORDS; at++) u32[at] = value;
  producer.submit(word);
  return true;
}

function followSchedule(): void {
  const { events, intervalNs } = job;
  const startNs = Number(process.hrtime.bigint());
  for (let filled = 0; filled < events;) {
    const due = Math.floor((Number(process.hrtime.bigint()) - startNs) / intervalNs) + 1;
    const until = Math.min(due, events, filled + MOST_TOGETHER);
    if (filled >= until) continue;
    while (filled < until && fill(startNs + filled * intervalNs, filled)) filled++;
    producer.publish();
  }
  producer.end();
}

const channel = new BroadcastChannel(job.channel);
channel.addEventListener('message', (event) => {
  if ((event as MessageEvent).data !== IS_READING) return;
  channel.close();
  followSchedule();
});
// Something to read: the lane says so, and the schedule begins.
fill(0, 0);
producer.publish();
