import { SLOT_BYTES } from '@sockflow/core';

import type { CaseResult } from '../harness/case-result.ts';
import { type Pass, paired } from '../harness/paired.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { idleSource } from './idle-source.ts';
import { LaneOnOrder, type LanePass } from './lane-on-order.ts';
import { type Places, withPlaces } from './places.ts';
import { CONSUMER_CPU, type Produced, RingPeer } from './ring-peer.ts';

type Report = (result: CaseResult) => void;

const MIB = 2 ** 20;
/* The source's own size, which lies in a third-level cache, and one that does not. */
const RING_MIBS = [16, 128] as const;
/* A ring is drained within ms: one pass takes so many bytes of it. */
const PASS_BYTES = 512 * MIB;
/** Asked for. */
const LEAST_RATIO = 1;

/** One side of a comparison: fills its ring, then reads it. */
interface Side {
  fill(slots: number): Promise<Produced>;
  read(): Promise<LanePass>;
}

/**
 *   CPU 1: a kernel-side producer fills the ring, and stops   ──►   CPU 0: the ring is read
 *
 * A lane over the mapped pages, with the filter by op and flags, against ring_buffer__consume with a C callback that filters alike. Only reading is timed.
 */
export function drain(options: SuiteOptions, report: Report): Promise<void> {
  return withPlaces(async (places) => {
    for (const mib of RING_MIBS) {
      const lane = await openLane(places, mib * MIB, 'mapped');
      const libbpf = RingPeer.withOwnRing(mib * MIB);
      await libbpf.pin(CONSUMER_CPU);
      report(
        await compare(
          lane,
          { fill: (slots) => libbpf.fill(slots), read: () => libbpf.consume() },
          {
            ...options,
            id: `kernel/drain/${mib}MiB`,
            ringBytes: mib * MIB,
            baseline: 'libbpf ring_buffer__consume, C',
            budget: LEAST_RATIO,
          },
        ),
      );
      libbpf.close();
      await lane.close();
    }
  });
}

/** The copying fallback beside the mapped ring: what a kernel that refuses the mapping costs. */
export function copied(options: SuiteOptions, report: Report): Promise<void> {
  return withPlaces(async (places) => {
    const ringBytes = RING_MIBS[0] * MIB;
    const copying = await openLane(places, ringBytes, 'copied');
    const mapped = await openLane(places, ringBytes, 'mapped');
    report(
      await compare(copying, mapped, {
        ...options,
        id: `kernel/copied/${RING_MIBS[0]}MiB`,
        ringBytes,
        baseline: 'the mapped ring',
        budget: undefined,
      }),
    );
    await mapped.close();
    await copying.close();
  });
}

async function openLane(
  places: Places,
  ringBytes: number,
  memory: 'mapped' | 'copied',
): Promise<Side & { close(): Promise<void> }> {
  const lane = new LaneOnOrder(idleSource(places.cgroup(), { ringBytes, memory }));
  await lane.isReady;
  const peer = RingPeer.forThisProcess();
  await peer.pin(CONSUMER_CPU, process.pid);
  return {
    fill: (slots) => peer.fill(slots),
    read: () => lane.read(() => true),
    close: async () => {
      await lane.close();
      await peer.unpin(process.pid);
      peer.close();
    },
  };
}

interface CompareOptions extends Pick<SuiteOptions, 'rounds' | 'inputBytes'> {
  readonly id: string;
  readonly ringBytes: number;
  readonly baseline: string;
  readonly budget: number | undefined;
}

function compare(ours: Side, theirs: Side, options: CompareOptions): Promise<CaseResult> {
  const { ringBytes } = options;
  // A BPF ring is never quite full: its positions would say that it is empty.
  const slots = ringBytes / SLOT_BYTES - 1;
  const times = Math.max(1, Math.round(Math.min(PASS_BYTES, options.inputBytes) / ringBytes));
  return paired({
    ...options,
    units: slots * times,
    unit: 'events/s',
    ours: () => pass(ours, slots, times),
    theirs: () => pass(theirs, slots, times),
  });
}

async function pass(side: Side, slots: number, times: number): Promise<Pass> {
  let ns = 0;
  let events = 0;
  let survivors = 0;
  for (let time = 0; time < times; time++) {
    const { filled } = await side.fill(slots);
    if (filled !== slots) throw new Error(`the ring took ${filled} of ${slots} slots`);
    const read = await side.read();
    ns += read.ns;
    events += read.events;
    survivors += read.survivors;
  }
  return { ns, answer: `${events} ${survivors}` };
}
