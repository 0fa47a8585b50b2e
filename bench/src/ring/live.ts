import {
  type BaselineKind,
  type CaseResult,
  comparison,
  figure,
  median,
} from '@sockflow/benchmark';

import type { BenchRun } from '../harness/bench-case.ts';
import { kernelCase } from '../harness/kernel-case.ts';
import { withPlaces } from '../harness/places.ts';
import { withClosers } from '../harness/with-closers.ts';
import { openNativeRings } from '../peers/native/native-rings.ts';
import { idleSource } from './idle-source.ts';
import { LaneOnOrder, type LanePass } from './lane-on-order.ts';
import { CONSUMER_CPU, type Produced, RingPeer } from './ring-peer.ts';

const ID = 'ring/16MiB/live';
const LOST_ID = 'ring/16MiB/live-lost';
/* No more lost than this one loses is asked for; the others are reported. */
const BUDGET_OF = 'libbpf';
const RING_BYTES = 16 * 2 ** 20;
/** Attempts of a pass for 1 GiB of input, and the least. */
const ATTEMPTS_PER_GIB = 8_000_000;
const LEAST_ATTEMPTS = 100_000;
/* Of fill.bpf.c: of any 16 slots that follow each other, 3 survive. */
const PATTERN = 16;
const SURVIVORS_OF_PATTERN = 3;
/* A consumer that loses its CPU for a moment loses what comes meanwhile, either one: so much of all attempts is no difference. */
const NO_DIFFERENCE_RATIO = 0.001;

/** What one side got of the attempts, and how fast. */
interface LivePass {
  readonly deliveredPerSec: number;
  readonly lost: number;
}

/** One that ours is compared with. */
interface Peer {
  readonly name: string;
  readonly title: string;
  readonly kind: BaselineKind;
  readonly live: (attempts: number) => Promise<Produced & LanePass>;
}

/**
 *   CPU 1: a kernel-side producer at full speed   ──►   CPU 0: the ring is read while it fills
 *
 * The same lane and the same peers as in `drain`, each with its own way of sleeping: the producer wakes the lane by its word, the others by the kernel's default. What a full ring refuses is
 * lost. All times end when the ring was last read empty: what is slept after that is not in them.
 */
export const liveCase = kernelCase({
  suite: 'ring',
  name: 'live',
  says: 'a kernel ring read while it fills at full speed, against libbpf in C, cilium/ebpf in Go, aya in Rust: what came, what was lost',
  run: live,
});

function live(bench: BenchRun): Promise<void> {
  return withPlaces((places) =>
    withClosers(async (onEnd) => {
      const lane = new LaneOnOrder(idleSource(places.cgroup(), { ringBytes: RING_BYTES }));
      onEnd(() => lane.close());
      await lane.isReady;
      const producer = RingPeer.forLane();
      onEnd(() => producer.close());
      const libbpf = RingPeer.withOwnRing(RING_BYTES);
      onEnd(() => libbpf.close());
      const { rings, leftOut } = await openNativeRings(RING_BYTES, [ID, LOST_ID]);
      for (const ring of rings) onEnd(() => ring.close());
      for (const { id, reason } of leftOut) bench.leftOut(id, reason);
      onEnd(() => producer.unpin(process.pid));
      await producer.pin(CONSUMER_CPU, process.pid);
      const peers: readonly Peer[] = [
        {
          name: 'libbpf',
          title: 'libbpf ring_buffer__poll, C',
          kind: 'peer',
          live: (attempts) => libbpf.live(attempts),
        },
        ...rings.map((ring) => ({
          ...ring.consumer,
          live: (attempts: number) => ring.live(attempts),
        })),
      ];
      await compare(bench, peers, (attempts) => ourPass(lane, producer, attempts));
    }),
  );
}

/** A pass of each in turn, in the one order and in the next round in the other, after a round that is not counted. */
async function compare(
  bench: BenchRun,
  peers: readonly Peer[],
  ourLive: (attempts: number) => Promise<LivePass>,
): Promise<void> {
  const attempts = Math.max(
    LEAST_ATTEMPTS,
    Math.round((ATTEMPTS_PER_GIB * bench.inputBytes) / 2 ** 30),
  );
  const sides = [ourLive, ...peers.map((peer) => () => theirPass(peer, attempts))];
  const passes: LivePass[][] = sides.map(() => []);
  for (let round = -1; round < bench.rounds; round++) {
    const order = sides.map((side, index) => ({ side, index }));
    if (round % 2 !== 0) order.reverse();
    for (const { side, index } of order) {
      const pass = await side(attempts);
      if (round >= 0) passes[index]!.push(pass);
    }
  }
  const [ours = [], ...theirs] = passes;
  for (const [index, peer] of peers.entries()) {
    bench.result(throughput(ours, theirs[index]!, peer));
    bench.result(losses(ours, theirs[index]!, peer, attempts));
  }
}

async function ourPass(lane: LaneOnOrder, producer: RingPeer, attempts: number): Promise<LivePass> {
  let isProduced = false;
  const reading = lane.read(() => isProduced);
  const producing = producer.produce(attempts, 0).finally(() => (isProduced = true));
  const [read, made] = await Promise.all([reading, producing]);
  return checked(attempts, made, read);
}

async function theirPass(peer: Peer, attempts: number): Promise<LivePass> {
  const pass = await peer.live(attempts);
  return checked(attempts, pass, pass);
}

function checked(
  attempts: number,
  { filled, refused }: { readonly filled: number; readonly refused: number },
  { ns, events, survivors }: LanePass,
): LivePass {
  const expected = (events * SURVIVORS_OF_PATTERN) / PATTERN;
  if (filled + refused !== attempts || events !== filled) {
    throw new Error(
      `ring/live: ${attempts} attempts, ${filled} filled, ${refused} refused, ${events} read`,
    );
  }
  if (!(Math.abs(survivors - expected) <= SURVIVORS_OF_PATTERN))
    throw new Error(`ring/live: ${survivors} of ${events} survive, expected ${expected}`);
  return { deliveredPerSec: events / (ns / 1e9), lost: refused };
}

function throughput(
  ours: readonly LivePass[],
  theirs: readonly LivePass[],
  { name, title, kind }: Peer,
): CaseResult {
  const rates = (passes: readonly LivePass[]): number[] =>
    passes.map(({ deliveredPerSec }) => deliveredPerSec);
  return comparison({
    id: `${ID}/${name}`,
    reads: 'op, cbFlags',
    unit: 'events/s',
    isLessBetter: false,
    baseline: title,
    kind,
    ours: rates(ours),
    theirs: rates(theirs),
  });
}

/** Lost of a million, which may be none on both sides: so it is compared by difference, and has no ratio. */
function losses(
  ours: readonly LivePass[],
  theirs: readonly LivePass[],
  { name, title, kind }: Peer,
  attempts: number,
): CaseResult {
  const perMillion = (passes: readonly LivePass[]): number[] =>
    passes.map(({ lost }) => (lost / attempts) * 1e6);
  const theirLost = median(perMillion(theirs));
  return figure({
    id: `${LOST_ID}/${name}`,
    reads: 'op, cbFlags',
    values: perMillion(ours),
    unit: 'of a million',
    isLessBetter: true,
    budget: name === BUDGET_OF ? theirLost + NO_DIFFERENCE_RATIO * 1e6 : undefined,
    beside: { title, kind, value: theirLost },
  });
}
