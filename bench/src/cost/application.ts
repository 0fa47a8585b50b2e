import { type CaseResult, comparison } from '@sockflow/benchmark';
import { run, type RunHandle } from 'sockflow';

import type { BenchRun } from '../harness/bench-case.ts';
import { kernelCase } from '../harness/kernel-case.ts';
import type { PeerMeasurement } from '../harness/peer-program.ts';
import { withPlaces } from '../harness/places.ts';
import { Traffic } from './traffic.ts';

const CONNECTIONS = 5000;
const REQUESTS = 50_000;
const WITHOUT = 'nothing attached';

/** What the application runs under: the cgroup that a source observes, or one that none does. */
interface Condition {
  readonly name: 'folded' | 'raw' | 'without';
  readonly cgroup: string;
  /** That observes it. */
  readonly handle?: RunHandle;
}

/* Of a unit of work: a connection has some 23 events, a request some two samples; what an earlier pass left behind may come in this one. */
const LEAST_SEEN = 0.5;
const MOST_SEEN_ELSEWHERE = 0.1;

interface Work {
  readonly name: string;
  readonly unit: string;
  readonly units: number;
  readonly run: (traffic: Traffic) => Promise<PeerMeasurement>;
}

/**
 * What a source costs the application that it observes: connections and requests of a process on loopback, under no source, under one that folds RTT samples and under one with a slot for
 * each, in turns. Each source is a whole run with a lane in a thread that counts, so reading is in it.
 */
export const applicationCase = kernelCase({
  suite: 'cost',
  name: 'application',
  says: 'connections and requests of a process that is observed, against one that is not',
  run: application,
});

function application(bench: BenchRun): Promise<void> {
  return withPlaces(async (places) => {
    const conditions: Condition[] = (['without', 'folded', 'raw'] as const).map((name) => ({
      name,
      ...observed(name, places.cgroup()),
    }));
    let traffic: Traffic | undefined;
    try {
      for (const { handle } of conditions) await handle?.started;
      traffic = new Traffic();
      for (const work of works(bench)) {
        for (const result of await compare(work, traffic, conditions, bench.rounds))
          bench.result(result);
      }
    } finally {
      traffic?.close();
      for (const { handle } of conditions) {
        handle?.stop();
        await handle?.done;
      }
    }
    for (const { name, handle } of conditions) {
      if (handle?.ledger().total.read === 0)
        throw new Error(`cost/application: ${name} read nothing`);
    }
  });
}

function observed(name: Condition['name'], cgroup: string): Omit<Condition, 'name'> {
  if (name === 'without') return { cgroup };
  const handle = run(new URL('./count.pipeline.js', import.meta.url), {
    views: 'reused',
    params: { cgroup, rtt: name },
  });
  return { cgroup, handle };
}

/** Events that the source has seen so far. */
function seenBy({ handle }: Condition): number {
  return handle?.ledger().source?.counts.reduce((sum, { seen }) => sum + seen, 0) ?? 0;
}

/** Does the work under a condition. @throws Error where not this one saw it, or another did */
async function pass(
  work: Work,
  traffic: Traffic,
  { name, cgroup }: Condition,
  conditions: readonly Condition[],
): Promise<number> {
  await traffic.moveTo(cgroup);
  const before = conditions.map(seenBy);
  const { ns } = await work.run(traffic);
  for (const [index, condition] of conditions.entries()) {
    const seen = (seenBy(condition) - (before[index] ?? 0)) / work.units;
    const isRight =
      condition.name === name && condition.handle !== undefined
        ? seen >= LEAST_SEEN
        : seen <= MOST_SEEN_ELSEWHERE;
    if (!isRight)
      throw new Error(`cost/${work.name}: ${condition.name} saw ${seen} a unit under '${name}'`);
  }
  return ns;
}

function works({ inputBytes }: BenchRun): readonly Work[] {
  const share = Math.min(1, inputBytes / 2 ** 30);
  const connections = Math.max(100, Math.round(CONNECTIONS * share));
  const requests = Math.max(1000, Math.round(REQUESTS * share));
  return [
    {
      name: 'connections',
      unit: 'conn/s',
      units: connections,
      run: (traffic) => traffic.connections(connections),
    },
    {
      name: 'requests',
      unit: 'req/s',
      units: requests,
      run: (traffic) => traffic.requests(requests),
    },
  ];
}

async function compare(
  work: Work,
  traffic: Traffic,
  conditions: readonly Condition[],
  rounds: number,
): Promise<CaseResult[]> {
  const times = new Map(conditions.map(({ name }) => [name, [] as number[]]));
  for (let round = -1; round < rounds; round++) {
    const inTurn = round % 2 === 0 ? conditions : conditions.toReversed();
    for (const condition of inTurn) {
      const ns = await pass(work, traffic, condition, conditions);
      if (round >= 0) times.get(condition.name)!.push(ns);
    }
  }
  const rates = (name: Condition['name']): number[] =>
    times.get(name)!.map((ns) => work.units / (ns / 1e9));
  return (['folded', 'raw'] as const).map((name) =>
    comparison({
      id: `cost/${work.name}/application-${name}/without`,
      reads: 'work of the application; events are read in a lane beside it',
      unit: work.unit,
      isLessBetter: false,
      baseline: WITHOUT,
      kind: 'self',
      ours: rates(name),
      theirs: rates('without'),
    }),
  );
}
