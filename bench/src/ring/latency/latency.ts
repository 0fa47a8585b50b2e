import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { figure, median, type Plot, type Point } from '@sockflow/benchmark';

import type { BenchCase, BenchRun } from '../../harness/bench-case.ts';
import { whyNoKernel } from '../../harness/kernel-needs.ts';
import { withOutputFolder } from '../../harness/output-folder.ts';
import { withPlaces } from '../../harness/places.ts';
import { type LatencyFound, type LatencyJob, PERCENTILES } from './latency-job.ts';
import { latencyPass } from './latency-pass.ts';

const ID = 'ring/latency';
const RATES_PER_SEC = [1000, 10_000, 100_000, 1_000_000] as const;
const WARM_S = 0.5;
const COUNTED_S = 1;
/** Of a low rate: for its higher percentiles. */
const COUNTED_AT_LOW_RATE_S = 2;
const LOW_PER_SEC = 1000;
const SMOKE_S = 0.05;
const MOST_ROUNDS = 3;
/** A percentile is told where so many events lie above it in each round. */
const LEAST_ABOVE = 10;
const SLOT_BYTES = 280;

type Ring = LatencyJob['ring'];
type End = 'next' | 'acknowledged';

/** The passes of a ring at a rate, in the order of the rounds. */
interface Rate {
  readonly ring: Ring;
  readonly perSec: number;
  readonly passes: LatencyFound[];
}

const RING_NAMES: Readonly<Record<Ring, string>> = {
  shared: 'a ring in shared memory, filled by a thread',
  kernel: "the kernel's ring, filled by a BPF program",
};
const END_NAMES: Readonly<Record<End, string>> = {
  next: 'next in the lane',
  acknowledged: "a file sink's acknowledgement",
};

/**
 *   a producer that keeps a schedule  ──►  ring  ──►  a lane: `next`  ──►  a recording, flushed each 10 ms: acknowledged
 *
 * Ages are from the time when an event was to come, so that coordinated omission hides nothing.
 */
export const latency: BenchCase = {
  suite: 'ring',
  name: 'latency',
  says: 'from the time when an event was to come to next and to a sink that has it, 1 k to 1 M events a second',
  run: (bench) => withPlaces((places) => runLatency(bench, () => places.cgroup())),
};

async function runLatency(bench: BenchRun, makeCgroup: () => string): Promise<void> {
  const missing = whyNoKernel();
  if (missing !== undefined) bench.leftOut('ring/kernel/latency', missing);
  const cgroup = missing === undefined ? makeCgroup() : '';
  const rings: readonly Ring[] = missing === undefined ? ['shared', 'kernel'] : ['shared'];
  const perSecs = bench.isSmoke ? [10_000, 1_000_000] : RATES_PER_SEC;
  const rates = perSecs.flatMap((perSec) =>
    rings.map((ring): Rate => ({ ring, perSec, passes: [] })),
  );
  const rounds = bench.isSmoke ? 1 : Math.min(bench.rounds, MOST_ROUNDS);
  await withOutputFolder(eventsOf(1_000_000, bench) * SLOT_BYTES, async (folder) => {
    const output = join(folder, 'latency.sfrec');
    for (let round = 0; round < rounds; round++) {
      for (const { ring, perSec, passes } of round % 2 === 0 ? rates : rates.toReversed()) {
        passes.push(await latencyPass({ ...scheduleOf(perSec, bench), ring, cgroup, output }));
        rmSync(output, { force: true });
      }
    }
  });
  for (const ring of rings) {
    const own = rates.filter((rate) => rate.ring === ring);
    for (const rate of own) reportRate(bench, rate);
    for (const end of ['next', 'acknowledged'] as const) bench.plot(plotOf(ring, end, own));
  }
}

function warmOf(perSec: number, { isSmoke }: BenchRun): number {
  return perSec * (isSmoke ? SMOKE_S : WARM_S);
}

function eventsOf(perSec: number, bench: BenchRun): number {
  const countedS = perSec <= LOW_PER_SEC ? COUNTED_AT_LOW_RATE_S : COUNTED_S;
  return warmOf(perSec, bench) + perSec * (bench.isSmoke ? SMOKE_S : countedS);
}

function scheduleOf(
  perSec: number,
  bench: BenchRun,
): Pick<LatencyJob, 'events' | 'warmEvents' | 'intervalNs'> {
  return {
    events: eventsOf(perSec, bench),
    warmEvents: warmOf(perSec, bench),
    intervalNs: 1e9 / perSec,
  };
}

function isKnown(percentile: number, { passes }: Rate): boolean {
  const counted = Math.min(...passes.map((pass) => pass.counted));
  return counted * (1 - percentile / 100) >= LEAST_ABOVE - 1e-6;
}

function valuesOf(end: End, at: number, { passes }: Rate): number[] {
  return passes.map((pass) => (end === 'next' ? pass.nextUs : pass.acknowledgedUs)[at] as number);
}

function rateName(perSec: number): string {
  return perSec >= 1e6 ? `${perSec / 1e6}M` : `${perSec / 1000}k`;
}

function reportRate(bench: BenchRun, rate: Rate): void {
  for (const end of ['next', 'acknowledged'] as const) {
    for (const [at, percentile] of PERCENTILES.entries()) {
      if (![50, 99, 99.9].includes(percentile) || !isKnown(percentile, rate)) continue;
      bench.result(
        figure({
          id: `ring/${rate.ring}/latency-${rateName(rate.perSec)}-to-${end}-p${percentile}`,
          reads:
            end === 'next' ? 'time' : 'time; the sink flushes each 10 ms, by default each second',
          values: valuesOf(end, at, rate),
          unit: 'us',
          isLessBetter: true,
        }),
      );
    }
  }
}

function plotOf(ring: Ring, end: End, rates: readonly Rate[]): Plot {
  return {
    id: `${ID}-${ring}-to-${end}`,
    title: `Latency from ${RING_NAMES[ring]}, to ${END_NAMES[end]}`,
    x: { label: 'percentile of events', scale: 'category' },
    y: { label: 'us since the event was to come', scale: 'log' },
    series: rates.map((rate) => ({
      name: `${rateName(rate.perSec)} events/s`,
      points: PERCENTILES.flatMap((percentile, at): Point[] => {
        if (!isKnown(percentile, rate)) return [];
        const values = valuesOf(end, at, rate);
        const [low, high] = [Math.min(...values), Math.max(...values)];
        return [{ x: `p${percentile}`, y: median(values), low, high }];
      }),
    })),
  };
}
