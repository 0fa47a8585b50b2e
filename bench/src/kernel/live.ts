import type { CaseResult } from '../harness/case-result.ts';
import { median } from '../harness/paired.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { idleSource } from './idle-source.ts';
import { LaneOnOrder } from './lane-on-order.ts';
import { withPlaces } from './places.ts';
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
export function live(options: SuiteOptions, report: (result: CaseResult) => void): Promise<void> {
  return withPlaces(async (places) => {
    const lane = new LaneOnOrder(idleSource(places.cgroup(), { ringBytes: RING_BYTES }));
    await lane.isReady;
    const producer = RingPeer.forThisProcess();
    const libbpf = RingPeer.withOwnRing(RING_BYTES);
    await producer.pin(CONSUMER_CPU, process.pid);
    const attempts = Math.max(
      LEAST_ATTEMPTS,
      Math.round((ATTEMPTS_PER_GIB * options.inputBytes) / 2 ** 30),
    );
    const ours: LivePass[] = [];
    const theirs: LivePass[] = [];
    for (let round = -1; round < options.rounds; round++) {
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
    report(throughput(ours, theirs));
    report(losses(ours, theirs, attempts));
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
      `kernel/live: ${attempts} attempts, ${filled} filled, ${refused} refused, ${events} read`,
    );
  }
  return { deliveredPerSec: events / (ns / 1e9), lost: refused };
}

function throughput(ours: readonly LivePass[], theirs: readonly LivePass[]): CaseResult {
  const ratios = ours.map((pass, round) => pass.deliveredPerSec / theirs[round]!.deliveredPerSec);
  return {
    id: 'kernel/live/throughput',
    value: median(ours.map((pass) => pass.deliveredPerSec)),
    unit: 'events/s',
    baseline: BASELINE,
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    budget: undefined,
    pass: undefined,
  };
}

/** Lost of a million, which may be none on both sides: so it is compared by difference, and has no ratio. */
function losses(
  ours: readonly LivePass[],
  theirs: readonly LivePass[],
  attempts: number,
): CaseResult {
  const perMillion = (passes: readonly LivePass[]): number[] =>
    passes.map(({ lost }) => (lost / attempts) * 1e6);
  const lost = perMillion(ours);
  const theirLost = median(perMillion(theirs));
  const budget = theirLost + NO_DIFFERENCE_RATIO * 1e6;
  return {
    id: 'kernel/live/lost',
    value: median(lost),
    unit: 'of a million',
    baseline: `libbpf lost ${theirLost.toFixed(0)}`,
    ratio: undefined,
    spread: [Math.min(...lost), Math.max(...lost)],
    budget,
    pass: median(lost) <= budget,
  };
}
