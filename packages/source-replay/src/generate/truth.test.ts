import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Op, type SlotView, SlotView as View, TcpState } from '@sockflow/core';

import { type GenerateOptions, generateSlots } from './index.ts';
import type { ConnectionTruth } from './index.ts';

/** What is found by reading the events, of one socket. */
interface Found {
  role: string;
  events: number;
  startNs: bigint;
  endNs: bigint;
  retransmits: number;
  timeouts: number;
  samples: number[];
  bytesAcked: number;
  bytesReceived: number;
  outcome: string;
  closedFrom: string | null;
  errno: number;
  readonly localPort: number;
  readonly remotePort: number;
  readonly remoteAddress: string | undefined;
  cgroupId: bigint | undefined;
}

function read(options: GenerateOptions): {
  found: Map<string, Found>;
  truth: readonly ConnectionTruth[];
} {
  const { spans, truth } = generateSlots({ ...options, wantsTruth: true });
  const found = new Map<string, Found>();
  for (const { memory, startWord, endWord, origin } of spans) {
    for (let word = startWord; word < endWord;) {
      const event = new View(memory.u32, memory.big, word, origin);
      const key = `${origin.id}/${event.netnsCookie}:${event.cookie}`;
      let one = found.get(key);
      if (one === undefined) {
        one = begin(event);
        found.set(key, one);
      }
      take(one, event);
      word += ((memory.u32[word]! & 0x3fffffff) + 8) / 4;
    }
  }
  return { found, truth };
}

function begin({ localPort, remotePort, remoteAddress, tsNs }: SlotView): Found {
  return {
    role: 'SERVER',
    events: 0,
    startNs: tsNs,
    endNs: tsNs,
    retransmits: 0,
    timeouts: 0,
    samples: [],
    bytesAcked: 0,
    bytesReceived: 0,
    outcome: 'halfOpen',
    closedFrom: null,
    errno: 0,
    localPort,
    remotePort,
    remoteAddress,
    cgroupId: undefined,
  };
}

function take(one: Found, event: SlotView): void {
  one.events++;
  one.endNs = event.tsNs;
  one.bytesAcked = event.bytesAcked ?? one.bytesAcked;
  one.bytesReceived = event.bytesReceived ?? one.bytesReceived;
  one.cgroupId ??= event.cgroupId;
  switch (event.op) {
    case Op.TCP_CONNECT_CB:
      one.role = 'CLIENT';
      break;
    case Op.TCP_LISTEN_CB:
      one.role = 'LISTENER';
      one.outcome = 'listening';
      break;
    case Op.RETRANS_CB:
      one.retransmits += event.retransSegs ?? 0;
      break;
    case Op.RTO_CB:
      one.timeouts++;
      break;
    case Op.RTT_CB:
      // Not that of a discarded twin.
      if (event.state !== TcpState.CLOSE) {
        one.samples.push(event.mrttUs ?? 0);
      }
      break;
    case Op.STATE_CB:
      takeState(one, event);
      break;
    default:
  }
}

function takeState(one: Found, { newState, oldState, skErr = 0 }: SlotView): void {
  if (newState === TcpState.ESTABLISHED) {
    one.outcome = 'established';
  } else if (newState === TcpState.CLOSE) {
    one.closedFrom = Object.entries(TcpState).find(([, state]) => state === oldState)?.[0] ?? '';
    one.errno = skErr;
    if (oldState === TcpState.SYN_SENT) {
      one.outcome = skErr === 111 ? 'refused' : skErr === 110 ? 'timedOut' : 'abandoned';
    }
  }
}

const CASES: readonly GenerateOptions[] = [
  { connections: 3000 },
  { connections: 500, lossRatio: 0.2, rtt: { medianUs: 5000, p99Us: 100_000 } },
  { connections: 400, lossRatio: 0.7, bytesPerConnection: 5000 },
  { connections: 600, origins: 3, cgroups: [2, 1], ipv6Ratio: 0.3 },
];

for (const options of CASES) {
  test(`tells what the events tell, with ${JSON.stringify(options)}`, () => {
    const { found, truth } = read(options);
    assert.equal(truth.length, found.size);
    for (const told of truth) {
      const { originId, netnsCookie, cookie } = told;
      const one = found.get(`${originId}/${netnsCookie}:${cookie}`);
      assert.ok(one !== undefined, `${originId}/${netnsCookie}:${cookie} has no event`);
      const samples = one.samples.toSorted((a, b) => a - b);
      assert.deepEqual(
        {
          role: told.role,
          events: told.events,
          startNs: told.startNs,
          endNs: told.endNs,
          retransmits: told.retransmits,
          timeouts: told.timeouts,
          rttSamples: told.rttSamples,
          rttMinUs: told.rttMinUs,
          rttMedianUs: told.rttMedianUs,
          bytesAcked: told.bytesAcked,
          bytesReceived: told.bytesReceived,
          outcome: told.outcome,
          closedFrom: told.closedFrom,
          errno: told.errno,
          localPort: told.localPort,
          remotePort: told.remotePort,
          remoteAddress: told.remoteAddress,
          // Request sockets do not have it.
          cgroupId: one.cgroupId === undefined ? undefined : told.cgroupId,
        },
        {
          role: one.role,
          events: one.events,
          startNs: String(one.startNs),
          endNs: String(one.endNs),
          retransmits: one.retransmits,
          timeouts: one.timeouts,
          rttSamples: samples.length,
          rttMinUs: samples[0] ?? null,
          rttMedianUs: samples[Math.ceil(samples.length / 2) - 1] ?? null,
          bytesAcked: one.bytesAcked,
          bytesReceived: one.bytesReceived,
          outcome: one.outcome,
          closedFrom: one.closedFrom,
          errno: one.errno,
          localPort: one.localPort,
          remotePort: one.remotePort,
          remoteAddress: one.remoteAddress,
          cgroupId: one.cgroupId === undefined ? undefined : String(one.cgroupId),
        },
      );
    }
    const outcomes = new Set(truth.map(({ outcome }) => outcome));
    for (const outcome of ['established', 'halfOpen', 'listening'] as const) {
      assert.ok(outcomes.has(outcome), outcome);
    }
  });
}

test('tells it without changing the events', () => {
  const bytesOf = (wantsTruth: boolean): Buffer =>
    Buffer.concat(
      generateSlots({ connections: 300, wantsTruth }).spans.map(({ memory, endWord }) =>
        memory.u8.subarray(0, endWord * 4),
      ),
    );
  assert.ok(bytesOf(true).equals(bytesOf(false)));
});
