import { type CaseResult, comparison, figure, median } from '@sockflow/benchmark';

import type { BenchRun } from '../harness/bench-case.ts';
import { kernelCase } from '../harness/kernel-case.ts';
import { withPlaces } from '../harness/places.ts';
import { idleSource } from './idle-source.ts';
import { LaneOnOrder } from './lane-on-order.ts';
import { CONSUMER_CPU, RingPeer } from './ring-peer.ts';

const RING_BYTES = 16 * 2 ** 20;
/** Attempts of a pass for 1 GiB of input, and the least. */
const ATTEMPTS_PER_GIB = 8_000_000;
const LEAST_ATTEMPTS = 100_000;
/* A consumer that loses its CPU for a moment loses what comes meanwhile, either one: so much of all attempts is no difference. */
const NO_DIFFERENCE_RATIO = 0.001;
const BASELINE = 'libbpf ring_buffer__poll, C';

/** What one side got of the attempts, and how fast. */
interface LivePass {
  readonly deliveredPerSec: number;
  readonly lost: number;
}

/**
 *   CPU 1: a kernel-side producer at full speed   ──►   CPU 0: the ring is read while it fills
 *
 * The same lane and the same C as in `drain`, each with its own way of sleeping: the producer wakes the lane by its word, libbpf by the kernel's default. What a full ring refuses is lost.
 */
export const liveCase = kernelCase({
  suite: 'ring',
  name: 'live',
  says: 'a kernel ring read while it fills at full speed, against libbpf in C: what came, what was lost',
  run: live,
});

function live(bench: BenchRun): Promise<void> {
  return withPlaces(async (places) => {
    const lane = new LaneOnOrder(idleSource(places.cgroup(), { ringBytes: RING_BYTES }));
    await lane.isReady;
    const producer = RingPeer.forThisProcess();
    const libbpf = RingPeer.withOwnRing(RING_BYTES);
    await producer.pin(CONSUMER_CPU, process.pid);
    const attempts = Math.max(
      LEAST_ATTEMPTS,
      Math.round((ATTEMPTS_PER_GIB * bench.inputBytes) / 2 ** 30),
    );
    const ours: LivePass[] = [];
    const theirs: LivePass[] = [];
    for (let round = -1; round < bench.rounds; round++) {
      const isOursFirst = round % 2 === 0;
      const first = isOursFirst ? await ourPass(lane, producer, attempts) : undefined;
      const their = await theirPass(libbpf, attempts);
      const our = first ?? (await ourPass(lane, producer, attempts));
      if (round < 0) continue;
      ours.push(our);
      theirs.push(their);
    }
    await lane.close();
    await producer.unpin(process.pid);
    producer.close();
    libbpf.close();
    bench.result(throughput(ours, theirs));
    bench.result(losses(ours, theirs, attempts));
  });
}

async function ourPass(lane: LaneOnOrder, producer: RingPeer, attempts: number): Promise<LivePass> {
  let isProduced = false;
  const reading = lane.read(() => isProduced);
  const made = await producer.produce(attempts, 0);
  isProduced = true;
  const { ns, events } = await reading;
  return checked(attempts, made, { ns, events });
}

async function theirPass(libbpf: RingPeer, attempts: number): Promise<LivePass> {
  const pass = await libbpf.live(attempts);
  return checked(attempts, pass, pass);
}

function checked(
  attempts: number,
  { filled, refused }: { readonly filled: number; readonly refused: number },
  { ns, events }: { readonly ns: number; readonly events: number },
): LivePass {
  if (filled + refused !== attempts || events !== filled) {
    throw new Error(
      `ring/live: ${attempts} attempts, ${filled} filled, ${refused} refused, ${events} read`,
    );
  }
  return { deliveredPerSec: events / (ns / 1e9), lost: refused };
}

function throughput(ours: readonly LivePass[], theirs: readonly LivePass[]): CaseResult {
  const rates = (passes: readonly LivePass[]): number[] =>
    passes.map(({ deliveredPerSec }) => deliveredPerSec);
  return comparison({
    id: 'ring/16MiB/live/libbpf',
    reads: 'op, cbFlags',
    unit: 'events/s',
    isLessBetter: false,
    baseline: BASELINE,
    kind: 'peer',
    ours: rates(ours),
    theirs: rates(theirs),
  });
}

/** Lost of a million, which may be none on both sides: so it is compared by difference, and has no ratio. */
function losses(
  ours: readonly LivePass[],
  theirs: readonly LivePass[],
  attempts: number,
): CaseResult {
  const perMillion = (passes: readonly LivePass[]): number[] =>
    passes.map(({ lost }) => (lost / attempts) * 1e6);
  const theirLost = median(perMillion(theirs));
  return figure({
    id: 'ring/16MiB/live-lost/libbpf',
    reads: 'op, cbFlags',
    values: perMillion(ours),
    unit: 'of a million',
    isLessBetter: true,
    budget: theirLost + NO_DIFFERENCE_RATIO * 1e6,
    beside: { title: BASELINE, kind: 'peer', value: theirLost },
  });
}
