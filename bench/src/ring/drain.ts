import { type Baseline, compareSides, type Pass } from '@sockflow/benchmark';
import { SLOT_BYTES } from '@sockflow/core';

import type { BenchRun } from '../harness/bench-case.ts';
import { kernelCase } from '../harness/kernel-case.ts';
import { type Places, withPlaces } from '../harness/places.ts';
import { withClosers } from '../harness/with-closers.ts';
import { openNativeRings } from '../peers/native/native-rings.ts';
import { idleSource } from './idle-source.ts';
import { LaneOnOrder, type LanePass } from './lane-on-order.ts';
import { CONSUMER_CPU, type Produced, RingPeer } from './ring-peer.ts';

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
 * A lane over the mapped pages, with the filter by op and flags, against ring_buffer__consume with a C callback that filters alike, and against the readers of cilium/ebpf and aya. Only reading is timed.
 */
export const drainCase = kernelCase({
  suite: 'ring',
  name: 'drain',
  says: 'a full kernel ring read and filtered by a lane, against libbpf in C, cilium/ebpf in Go, aya in Rust',
  run: drain,
});

function drain(bench: BenchRun): Promise<void> {
  return withPlaces(async (places) => {
    for (const mib of RING_MIBS) await drainRing(bench, places, mib);
  });
}

function drainRing(bench: BenchRun, places: Places, mib: number): Promise<void> {
  return withClosers(async (onEnd) => {
    const lane = await openLane(places, mib * MIB, 'mapped', onEnd);
    const libbpf = RingPeer.withOwnRing(mib * MIB);
    onEnd(() => libbpf.close());
    await libbpf.pin(CONSUMER_CPU);
    const theirs: Side = {
      fill: (slots) => libbpf.fill(slots),
      read: () => libbpf.consume(),
    };
    const id = `ring/${mib}MiB/drain`;
    const { rings, leftOut } = await openNativeRings(mib * MIB, [id]);
    for (const ring of rings) onEnd(() => ring.close());
    for (const { id: missing, reason } of leftOut) bench.leftOut(missing, reason);
    await compare(bench, lane, {
      id,
      ringBytes: mib * MIB,
      baselines: [
        {
          name: 'libbpf',
          title: 'libbpf ring_buffer__consume, C',
          kind: 'peer',
          budget: LEAST_RATIO,
          side: theirs,
        },
        ...rings.map((side) => ({ ...side.consumer, side })),
      ],
    });
  });
}

/** The copying fallback beside the mapped ring: what a kernel that refuses the mapping costs. */
export const copiedCase = kernelCase({
  suite: 'ring',
  name: 'copied',
  says: 'a kernel ring drained through the copying fallback, against the mapped ring',
  run: copied,
});

function copied(bench: BenchRun): Promise<void> {
  return withPlaces((places) =>
    withClosers(async (onEnd) => {
      const ringBytes = RING_MIBS[0] * MIB;
      const copying = await openLane(places, ringBytes, 'copied', onEnd);
      const mapped = await openLane(places, ringBytes, 'mapped', onEnd);
      await compare(bench, copying, {
        id: `ring/${RING_MIBS[0]}MiB/copied`,
        ringBytes,
        baselines: [{ name: 'mapped', title: 'the mapped ring', kind: 'self', side: mapped }],
      });
    }),
  );
}

async function openLane(
  places: Places,
  ringBytes: number,
  memory: 'mapped' | 'copied',
  onEnd: (close: () => void | Promise<void>) => void,
): Promise<Side> {
  const lane = new LaneOnOrder(idleSource(places.cgroup(), { ringBytes, memory }));
  onEnd(() => lane.close());
  await lane.isReady;
  const peer = RingPeer.forLane();
  onEnd(() => peer.close());
  onEnd(() => peer.unpin(process.pid));
  await peer.pin(CONSUMER_CPU, process.pid);
  return {
    fill: (slots) => peer.fill(slots),
    read: () => lane.read(() => true),
  };
}

interface SideBaseline extends Omit<Baseline, 'run'> {
  readonly side: Side;
}

interface Compare {
  readonly id: string;
  readonly ringBytes: number;
  readonly baselines: readonly SideBaseline[];
}

async function compare(
  bench: BenchRun,
  ours: Side,
  { id, ringBytes, baselines }: Compare,
): Promise<void> {
  // A BPF ring is never quite full: its positions would say that it is empty.
  const slots = ringBytes / SLOT_BYTES - 1;
  const times = Math.max(1, Math.round(Math.min(PASS_BYTES, bench.inputBytes) / ringBytes));
  const { results } = await compareSides({
    id,
    reads: 'op, cbFlags',
    units: slots * times,
    unit: 'events/s',
    rounds: bench.rounds,
    ours: () => pass(ours, slots, times),
    baselines: baselines.map(({ name, title, kind, budget, side }) => ({
      name,
      title,
      kind,
      budget,
      run: () => pass(side, slots, times),
    })),
  });
  for (const result of results) bench.result(result);
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
