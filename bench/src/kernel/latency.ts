import { filter, firstValueFrom, type Observable, ReplaySubject } from 'rxjs';
import { isSockflowError, run, type RunHandle } from 'sockflow';

import type { CaseResult } from '../harness/case-result.ts';
import { median } from '../harness/paired.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { IS_READING, type Latency } from './latency.pipeline.ts';
import { loadAddon } from './native.ts';
import { withPlaces } from './places.ts';
import { RingPeer } from './ring-peer.ts';

const RATES_PER_SEC = [1000, 10_000, 100_000] as const;
/** Of each rate's time, and the part of it that is not counted. */
const SECONDS = 1;
const WARM_SECONDS = 0.5;
const MOST_ROUNDS = 5;

/**
 *   CPU 1: a kernel-side producer at a given rate   ──►   a lane in a thread: the age of each event when its batch comes
 *
 * The age is from the time that the slot carries, read right after the reservation, to `next` in the lane, both by the boot clock.
 */
export function latency(
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  return withPlaces(async (places) => {
    const cgroup = places.cgroup();
    const share = Math.min(1, options.inputBytes / 2 ** 28);
    for (const perSec of RATES_PER_SEC) {
      const passes: Latency[] = [];
      for (let round = 0; round < Math.min(options.rounds, MOST_ROUNDS); round++) {
        passes.push(await pass(cgroup, perSec, share));
      }
      for (const result of results(perSec, passes)) report(result);
    }
  });
}

async function pass(cgroup: string, perSec: number, share: number): Promise<Latency> {
  const { bootNs, monotonicNs } = loadAddon().readClocks();
  const warmEvents = Math.round(perSec * WARM_SECONDS * share);
  const attempts = warmEvents + Math.round(perSec * SECONDS * share);
  const handle = run(new URL('./latency.pipeline.js', import.meta.url), {
    views: 'reused',
    // The two clocks are read one after the other: below a ms apart they are not apart.
    params: {
      cgroup,
      warmEvents,
      bootAheadNs: Math.round(Number(bootNs - monotonicNs) / 1e6) * 1e6,
    },
  });
  const emitted = new ReplaySubject<Latency | typeof IS_READING>();
  (handle.results as Observable<Latency | typeof IS_READING>).subscribe(emitted);
  await firstValueFrom(emitted.pipe(filter((value) => value === IS_READING)));
  const producer = RingPeer.forThisProcess();
  const { filled } = await producer.produce(attempts, perSec);
  producer.close();
  handle.stop();
  await ended(handle);
  const latencyOfPass = await firstValueFrom(emitted.pipe(filter((value) => value !== IS_READING)));
  if (latencyOfPass.events !== filled) {
    throw new Error(`kernel/latency: ${filled} produced, ${latencyOfPass.events} came`);
  }
  return latencyOfPass;
}

/** The ledger rightly finds events that the source's own program did not submit: they are the producer's, and counted against it here. */
async function ended(handle: RunHandle): Promise<void> {
  try {
    await handle.done;
  } catch (error) {
    if (!isSockflowError(error) || error.code !== 'ERR_SOCKFLOW_LEDGER_BROKEN') throw error;
  }
}

function results(perSec: number, passes: readonly Latency[]): CaseResult[] {
  const result = (name: string, ns: readonly number[]): CaseResult => {
    const us = ns.map((value) => value / 1000);
    return {
      id: `kernel/latency/${perSec / 1000}k-per-sec/${name}`,
      value: median(us),
      unit: 'us',
      baseline: undefined,
      ratio: undefined,
      spread: [Math.min(...us), Math.max(...us)],
      budget: undefined,
      pass: undefined,
    };
  };
  return [
    result(
      'p50',
      passes.map(({ p50Ns }) => p50Ns),
    ),
    result(
      'p99',
      passes.map(({ p99Ns }) => p99Ns),
    ),
  ];
}
