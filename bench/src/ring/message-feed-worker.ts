import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';

import { Kind, Op } from '@sockflow/core';

import type { MessageFeedJob, MessageOrder } from './message-feed.ts';
import { SRTT_WORD } from './srtt-word.ts';

/* Makes the events of feed-worker.ts, on order, and sends them with postMessage. */

const SLOT_WORDS = 64;
const OP_WORD = Kind.OP | (Op.RTT_CB << 8);
const { returned } = workerData as MessageFeedJob;

function eventAt(index: number): object {
  // oxfmt-ignore
  return {
    op: 'RTT_CB', tsNs: index, cookie: index, netnsCookie: 1, state: 1, family: 2, remotePort: 443, localPort: 50_000, remoteIp: '10.203.0.1', localIp: '10.203.0.2',
    srttUs: index + 1, mrttUs: index, sndCwnd: 10, packetsOut: 1, retransOut: 0, lostOut: 0, segsIn: index, segsOut: index, bytesAcked: index, bytesReceived: index,
  };
}

function sendObjects(events: number, every: number): void {
  for (let start = 0; start < events; start += every) {
    const batch: object[] = [];
    for (let index = start; index < Math.min(start + every, events); index++)
      batch.push(eventAt(index));
    parentPort?.postMessage(batch);
  }
}

/** One that came back, or a new one: nobody waits for the other side. */
function bufferOf(bytes: number): ArrayBuffer {
  for (;;) {
    const back = receiveMessageOnPort(returned);
    if (back === undefined) return new ArrayBuffer(bytes);
    const buffer = back.message as ArrayBuffer;
    if (buffer.byteLength === bytes) return buffer;
  }
}

function sendBuffers(events: number, every: number): void {
  for (let start = 0; start < events; start += every) {
    const end = Math.min(start + every, events);
    const buffer = bufferOf((end - start) * SLOT_WORDS * 4);
    const words = new Uint32Array(buffer);
    for (let index = start; index < end; index++) {
      const word = (index - start) * SLOT_WORDS;
      words[word + 2] = OP_WORD;
      for (let at = word + 3; at < word + SLOT_WORDS; at++) words[at] = index;
      words[word + SRTT_WORD] = index + 1;
    }
    parentPort?.postMessage(buffer, [buffer]);
  }
}

parentPort?.on('message', ({ how, events, every }: MessageOrder) => {
  if (how === 'buffers') sendBuffers(events, every);
  else if (how === 'objects') sendObjects(events, every);
  else for (let index = 0; index < events; index++) parentPort?.postMessage(eventAt(index));
});
