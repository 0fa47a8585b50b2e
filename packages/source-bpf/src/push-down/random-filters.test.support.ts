import {
  type ContextEvent,
  filterAddress,
  filterConnection,
  filterFlags,
  filterKind,
  filterOp,
  filterPort,
  filterState,
  fromSource,
  type Plan,
  sampleConnections,
  SlotMemory,
  type Source,
  SOURCE_END,
  where,
  writeContextEvent,
} from '@sockflow/core';
import * as fc from 'fast-check';

/* Events and filters that meet often: few ops, ports, addresses and connections. The filters are core's own operators, and what they keep is what core's own loop keeps. */

type Batches = ReturnType<typeof fromSource>;
export type Filter = (batches: Batches) => Batches;

const PORTS = [80, 443, 7770, 50000];
const IP4 = ['10.0.0.1', '10.0.1.2', '192.168.7.9'];
const IP6 = ['fd03::1', 'fd03:1::2', '::ffff:10.0.0.1', '::1'];
const NETWORKS = [
  '10.0.0.0/8',
  '10.0.0.0/24',
  '10.0.0.1',
  '10.0.1.0/30',
  '0.0.0.0/0',
  '::/0',
  '::/80',
  '::ffff:10.0.0.0/104',
  'fd03::/16',
  'fd03::/32',
  'fd03::1',
];

const littleWords = (bytes: readonly number[]): number[] => {
  const view = new DataView(Uint8Array.from(bytes).buffer);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(index * 4, true));
};
const ip4Word = (text: string): number => littleWords(text.split('.').map(Number))[0]!;
const IP6_WORDS: Readonly<Record<string, number[]>> = {
  'fd03::1': littleWords([0xfd, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
  'fd03:1::2': littleWords([0xfd, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]),
  '::ffff:10.0.0.1': littleWords([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1]),
  '::1': littleWords([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
};

const oneEvent: fc.Arbitrary<Omit<ContextEvent, 'ts_boot_ns'>> = fc
  .record({
    kind: fc.constantFrom('OP' as const, 'OP' as const, 'OP' as const, 'SNAPSHOT' as const),
    op: fc.oneof(fc.constantFrom(3, 5, 9, 10, 12, 14), fc.nat(255)),
    family: fc.constantFrom(2, 2, 10, 1),
    cookie: fc.bigInt(1n, 40n),
    local_port: fc.constantFrom(...PORTS),
    remote_port: fc.constantFrom(...PORTS),
    is_fullsock: fc.constantFrom(0, 1, 1),
    state: fc.integer({ min: 1, max: 12 }),
    bpf_sock_ops_cb_flags: fc.nat(0x7f),
    local4: fc.constantFrom(...IP4),
    remote4: fc.constantFrom(...IP4),
    local6: fc.constantFrom(...IP6),
    remote6: fc.constantFrom(...IP6),
  })
  .map(({ kind, op, local4, remote4, local6, remote6, remote_port: port, ...rest }) => ({
    ...rest,
    kind,
    op: kind === 'OP' ? op : 0,
    netns_cookie: 1,
    args: [0, 0, 0, 0],
    remote_port: (((port & 255) << 8) | (port >>> 8)) * 65536,
    local_ip4: ip4Word(local4),
    remote_ip4: ip4Word(remote4),
    local_ip6: IP6_WORDS[local6]!,
    remote_ip6: IP6_WORDS[remote6]!,
  })) as fc.Arbitrary<Omit<ContextEvent, 'ts_boot_ns'>>;

/** Events; the time of each is its index. */
export const eventList: fc.Arbitrary<ContextEvent[]> = fc
  .array(oneEvent, { minLength: 1, maxLength: 40 })
  .map((events) => events.map((event, index) => ({ ...event, ts_boot_ns: index }) as ContextEvent));

const end = fc.constantFrom('either' as const, 'local' as const, 'remote' as const);

/** Filters of which the program does all. */
export const exactFilter: fc.Arbitrary<Filter> = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(3, 5, 9, 10, 12), fc.nat(62)), { minLength: 1, maxLength: 4 })
    .map((ops) => filterOp(...ops) as unknown as Filter),
  fc
    .subarray([1, 2, 3] as const, { minLength: 1 })
    .map((kinds) => filterKind(...kinds) as unknown as Filter),
  fc
    .record({ end, ports: fc.subarray(PORTS, { minLength: 1 }) })
    .map(({ end: of, ports }) => filterPort(ports, { end: of }) as unknown as Filter),
  fc
    .record({ end, networks: fc.subarray(NETWORKS, { minLength: 1 }) })
    .map(({ end: of, networks }) => filterAddress(networks, { end: of }) as unknown as Filter),
  fc
    .double({ min: 0, max: 1, noNaN: true })
    .map((ratio) => sampleConnections(ratio) as unknown as Filter),
);

/** Filters of which it does some or nothing. */
const otherFilter: fc.Arbitrary<Filter> = fc.oneof(
  fc
    .array(fc.nat(255), { minLength: 1, maxLength: 4 })
    .map((ops) => filterOp(...ops) as unknown as Filter),
  fc
    .subarray([1, 2, 7, 10], { minLength: 1 })
    .map((states) => filterState(...states) as unknown as Filter),
  fc.integer({ min: 1, max: 0x7f }).map((any) => filterFlags({ cb: { any } }) as unknown as Filter),
  fc.bigInt(1n, 40n).map((cookie) => filterConnection({ cookie }) as unknown as Filter),
  fc.constant(where((event) => event.localPort === 443 || event.state === 1)),
);

export const filterList: fc.Arbitrary<Filter[]> = fc.array(
  fc.oneof({ weight: 3, arbitrary: exactFilter }, { weight: 2, arbitrary: otherFilter }),
  { maxLength: 4 },
);

/** Runs events through filters by core's own loop: the plan that the source was told, and the indices that were kept. */
export async function runFilters(
  memory: SlotMemory,
  endWord: number,
  filters: readonly Filter[],
): Promise<{ readonly plan: Plan; readonly kept: readonly number[] }> {
  let plan: Plan = [];
  const source = spanSource(memory, endWord, (given) => {
    plan = given;
  });
  const kept: number[] = [];
  let batches: Batches = fromSource(source);
  for (const filter of filters) batches = filter(batches);
  await batches.forEach((batch) => {
    for (const event of batch) kept.push(Number(event.tsNs));
  });
  return { plan, kept };
}

/** Writes events one behind the other. @returns the memory, where each begins, and where they end. */
export function writeEvents(events: readonly ContextEvent[]): {
  readonly memory: SlotMemory;
  readonly words: readonly number[];
  readonly endWord: number;
} {
  const memory = SlotMemory.allocate(events.length * 320 + 320);
  const words: number[] = [];
  let word = 0;
  for (const event of events) {
    words.push(word);
    word += writeContextEvent(memory, word, event) / 4;
  }
  return { memory, words, endWord: word };
}

function spanSource(memory: SlotMemory, endWord: number, onPlan: (plan: Plan) => void): Source {
  return {
    name: 'span',
    reportedOps: undefined,
    describePushDown: () => undefined,
    open: async ({ plans }) => {
      onPlan(plans[0] ?? []);
      return { laneData: () => undefined, totalBytes: undefined, close: async () => {} };
    },
    openLane: async () => {
      let isGiven = false;
      return {
        next: () => {
          if (isGiven) return SOURCE_END;
          isGiven = true;
          return {
            memory,
            startWord: 0,
            endWord,
            origin: { id: 'boot' },
            mayBeBusy: false,
            mayHoldOtherLanes: false,
            mayHoldMarkers: false,
            endTimeUs: 0,
          };
        },
        wait: async () => {},
        close: async () => {},
      };
    },
  };
}
