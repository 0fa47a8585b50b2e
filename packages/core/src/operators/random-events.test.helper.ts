import * as fc from 'fast-check';

import type { ContextEvent, OpContext } from '../schema/generated/context-event.ts';
import type { Origin } from '../schema/origin.ts';
import { DISCARD_BIT } from '../slot/layout.ts';
import { SlotMemory } from '../slot/slot-memory.ts';
import type { SlotSpan } from '../slot/slot-span.ts';
import { writeContextEvent } from '../slot/write-context-event.ts';

/* What property tests of operators are fed: valid events that collide often (few connections, ports and addresses), with markers and discarded slots in between. */

export const ORIGIN: Origin = { id: 'boot-a', hz: 250 };

/** An event, or a slot to skip. */
export type TestSlot = ContextEvent | 'discarded';

const little = (bytes: readonly number[]): number =>
  (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;

export const IP4: readonly number[] = [
  little([10, 0, 0, 1]),
  little([10, 0, 1, 2]),
  little([192, 168, 7, 9]),
];
export const IP6: readonly (readonly number[])[] = [
  [little([0xfd, 3, 0, 0]), 0, 0, little([0, 0, 0, 1])],
  [little([0xfd, 3, 0, 1]), 0, 0, little([0, 0, 0, 2])],
  [0, 0, little([0, 0, 0xff, 0xff]), little([10, 0, 0, 1])],
];
export const PORTS: readonly number[] = [80, 443, 7770, 50000];
export const COOKIES: readonly bigint[] = [1n, 2n, 4097n, 2n ** 40n + 1n, 2n ** 63n];

const swapPort = (port: number): number => (((port & 255) << 8) | (port >>> 8)) * 65536;
const u32 = fc.nat(0xffffffff);

const opContext: fc.Arbitrary<OpContext> = fc
  .record({
    op: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(3, 4, 9, 10, 12, 13, 14, 19, 44) },
      { weight: 1, arbitrary: fc.nat(255) },
    ),
    family: fc.constantFrom(2, 10),
    cookie: fc.constantFrom(...COOKIES),
    netns_cookie: fc.constantFrom(1n, 4026531840n),
    ts_boot_ns: fc.bigInt(0n, 2000n),
    local_port: fc.constantFrom(...PORTS),
    remote_port: fc.constantFrom(...PORTS).map(swapPort),
    is_fullsock: fc.constantFrom(0, 1, 1, 1),
    state: fc.integer({ min: 1, max: 13 }),
    bpf_sock_ops_cb_flags: fc.nat(0x7f),
    skb_tcp_flags: fc.nat(0x1ff),
    ecn_flags: fc.nat(15),
    has_skb: fc.nat(1),
    args: fc.array(fc.constantFrom(0, 1, 7, 250), { minLength: 4, maxLength: 4 }),
    srtt_us: u32,
    snd_cwnd: u32,
    skb_len: u32,
    bytes_acked: fc.bigInt(0n, 2n ** 64n - 1n),
    owner_role: fc.nat(2),
    owner_comm: fc.constantFrom('', 'nginx', 'sixteen-bytes-ok'),
    local4: fc.constantFrom(...IP4),
    remote4: fc.constantFrom(...IP4),
    local6: fc.constantFrom(...IP6),
    remote6: fc.constantFrom(...IP6),
    header: fc.option(fc.uint8Array({ minLength: 20, maxLength: 60 }), { nil: undefined }),
  })
  .map(({ local4, remote4, local6, remote6, header, ...rest }) => ({
    ...rest,
    // Rubbish in the fields of the other family, as the kernel leaves it.
    local_ip4: local4,
    remote_ip4: remote4,
    local_ip6: local6,
    remote_ip6: remote6,
    ...(header === undefined ? {} : { tcp_header: Buffer.from(header).toString('hex') }),
  }));

const anyEvent: fc.Arbitrary<ContextEvent> = fc.oneof(
  { weight: 12, arbitrary: opContext },
  {
    weight: 1,
    arbitrary: opContext.map((event) => ({ ...event, kind: 'SNAPSHOT' as const })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ event: opContext, sum: u32 }).map(({ event, sum }) => ({
      kind: 'RTT_SUMMARY' as const,
      ts_boot_ns: event.ts_boot_ns,
      family: event.family,
      local_ip4: event.local_ip4,
      remote_ip4: event.remote_ip4,
      local_ip6: event.local_ip6,
      remote_ip6: event.remote_ip6,
      local_port: event.local_port,
      remote_port: event.remote_port,
      is_fullsock: 1,
      state: event.state,
      cookie: event.cookie,
      netns_cookie: event.netns_cookie,
      rtt_sum_us: sum,
      rtt_count: 1,
      rtt_low_us: 1,
      rtt_high_us: 2,
      rtt_buckets: Array.from({ length: 23 }, () => 0),
    })),
  },
);

const marker: fc.Arbitrary<ContextEvent> = fc.oneof(
  fc.constant({
    kind: 'LOSS_MARKER' as const,
    ts_boot_ns: 5,
    gap_start_ns: 1,
    lost_ring_full: 3,
    lost_shed_first: 0,
    lost_shed_last: 0,
    lost_damaged: 0,
    lost_lane: 0,
  }),
  fc.constant({
    kind: 'CLOCK_ANCHOR' as const,
    ts_boot_ns: 5,
    realtime_ns: 6,
    monotonic_ns: 7,
    uncertainty_ns: 8,
  }),
);

/** Slots as a source may give them. */
export const slotList: fc.Arbitrary<TestSlot[]> = fc.array(
  fc.oneof(
    { weight: 16, arbitrary: anyEvent },
    { weight: 1, arbitrary: marker },
    { weight: 1, arbitrary: fc.constant('discarded' as const) },
  ),
  { maxLength: 60 },
);

/** A span with the events written one after the other; `words` holds where each slot begins. */
export function spanOf(
  slots: readonly TestSlot[],
  more: Partial<SlotSpan> = {},
): SlotSpan & { words: number[] } {
  const memory = SlotMemory.allocate(Math.max(64, slots.length * 384));
  const words: number[] = [];
  let word = 0;
  for (const slot of slots) {
    words.push(word);
    if (slot === 'discarded') {
      memory.u32[word] = DISCARD_BIT | (64 - 8);
      word += 16;
    } else {
      word += writeContextEvent(memory, word, slot) / 4;
    }
  }
  return {
    memory,
    startWord: 0,
    endWord: word,
    origin: ORIGIN,
    mayBeBusy: false,
    mayHoldOtherLanes: false,
    mayHoldMarkers: true,
    endTimeUs: 0,
    ...more,
    words,
  };
}
