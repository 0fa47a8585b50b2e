import { type CaseResult, comparison } from '@sockflow/benchmark';
import { CbFlag, kernelRingMemory, Kind, Op, RingConsumer } from '@sockflow/core';

import type { BenchRun } from '../harness/bench-case.ts';
import { compileC } from '../harness/c-program.ts';
import { compileBpf } from '../harness/compile-bpf.ts';
import { kernelCase } from '../harness/kernel-case.ts';
import { type NativeSource, openNative } from '../harness/native.ts';
import { PeerProgram } from '../harness/peer-program.ts';
import { withPlaces } from '../harness/places.ts';
import { Traffic } from './traffic.ts';

/* A pass's events must fit: a full ring would make the program cheaper. */
const RING_BYTES = 16 * 2 ** 20;
const CONNECTIONS = 2000;
const REQUESTS = 20_000;
const OPS = 32;
const RTT_OP = Op.RTT_CB;
/* Of the slot of an RTT summary, rtt_count (sockflow_event.h). */
const SAMPLES_WORD = 152 / 4;
const ALL_OPS_MASK = (1n << 16n) - 1n;
const CB_FLAGS = CbFlag.RTO | CbFlag.RETRANS | CbFlag.STATE | CbFlag.RTT;
const RTT_FOLDED = 1;
const RTT_RAW = 2;
/** Asked for: at most 1.3 times the smallest. */
const LEAST_RATIO = 1 / 1.3;
/* Acknowledgements that come together make a sample less. */
const MIX_TOLERANCE_RATIO = 0.02;

type Load = (traffic: Traffic) => Promise<unknown>;

/** A program that is attached to a cgroup of its own. */
interface Attached {
  readonly cgroup: string;
  /** Of all runs so far. */
  stats(): Promise<{ readonly runs: number; readonly ns: number }>;
  /** Empties its ring: slots by op. */
  drain(): Promise<readonly number[]>;
  close(): void;
}

interface Mean {
  readonly nsPerRun: number;
  readonly byOp: readonly number[];
}

/**
 * The mean run time of Sockflow's program, as the kernel takes it, against the smallest program that fills the same slots, under the same traffic in turns: connections (each of some 23
 * events), and requests over standing ones (RTT samples, each a slot). Nobody reads meanwhile.
 */
export const programCase = kernelCase({
  suite: 'cost',
  name: 'program',
  says: "the kernel program's time per event, against the smallest program that fills the same slots",
  run: program,
});

function program(bench: BenchRun): Promise<void> {
  return withPlaces(async (places) => {
    const share = Math.min(1, bench.inputBytes / 2 ** 30);
    const connections: Load = (traffic) =>
      traffic.connections(Math.max(50, Math.round(CONNECTIONS * share)));
    const requests: Load = (traffic) =>
      traffic.requests(Math.max(500, Math.round(REQUESTS * share)));
    const opened: { close(): void }[] = [];
    const keep = <T extends { close(): void }>(one: T): T => {
      opened.push(one);
      return one;
    };
    try {
      const smallest = keep(await openSmallest(places.cgroup()));
      const raw = keep(openOurs(places.cgroup(), RTT_RAW));
      const folded = keep(openOurs(places.cgroup(), RTT_FOLDED));
      const traffic = keep(new Traffic());
      bench.result(await compare('connections', traffic, connections, raw, smallest, bench.rounds));
      bench.result(await compare('rtt-raw', traffic, requests, raw, smallest, bench.rounds));
      bench.result(
        await compare('rtt-folded', traffic, requests, folded, smallest, bench.rounds, 'fold'),
      );
    } finally {
      for (const one of opened) one.close();
    }
  });
}

function openOurs(cgroup: string, rttMode: number): Attached {
  const native: NativeSource = openNative({
    cgroupPath: cgroup,
    ringBytes: RING_BYTES,
    opsMask: rttMode === RTT_RAW ? ALL_OPS_MASK : ALL_OPS_MASK & ~(1n << 12n),
    cbFlags: CB_FLAGS,
    rttMode,
  });
  native.attach();
  const consumer = new RingConsumer(kernelRingMemory(native.mapRing(0)), {
    origin: { id: 'bench' },
  });
  return {
    cgroup,
    stats: () => {
      const { runs, totalNs } = native.runStats();
      return Promise.resolve({ runs: Number(runs), ns: Number(totalNs) });
    },
    drain: () => Promise.resolve(countByOp(consumer)),
    close: () => {
      consumer.close();
      native.close();
    },
  };
}

function countByOp(consumer: RingConsumer): readonly number[] {
  const byOp = Array.from({ length: OPS }, () => 0);
  for (let span = consumer.peek(); span !== undefined; span = consumer.peek()) {
    const { u32 } = span.memory;
    for (let word = span.startWord; word < span.endWord; word += (u32[word]! + 8) >>> 2) {
      const kind = u32[word + 2]! & 0xff;
      // A summary stands for so many samples.
      if (kind === Kind.RTT_SUMMARY) byOp[RTT_OP]! += u32[word + SAMPLES_WORD]!;
      else byOp[(u32[word + 2]! >>> 8) & 0xff]!++;
    }
    consumer.release();
  }
  return byOp;
}

async function openSmallest(cgroup: string): Promise<Attached> {
  const c = new PeerProgram(compileC('program-cost', ['bpf']), compileBpf('smallest'));
  await c.ask(`attach ${cgroup}`);
  const numbers = async (command: string): Promise<number[]> =>
    (await c.ask(command)).split(' ').map(Number);
  return {
    cgroup,
    stats: async () => {
      const [runs = NaN, ns = NaN] = await numbers('stats');
      return { runs, ns };
    },
    drain: () => numbers('drain'),
    close: () => c.close(),
  };
}

async function pass(traffic: Traffic, load: Load, attached: Attached): Promise<Mean> {
  await traffic.moveTo(attached.cgroup);
  const before = await attached.stats();
  await load(traffic);
  const after = await attached.stats();
  return {
    nsPerRun: (after.ns - before.ns) / (after.runs - before.runs),
    byOp: await attached.drain(),
  };
}

async function compare(
  name: string,
  traffic: Traffic,
  load: Load,
  ours: Attached,
  theirs: Attached,
  rounds: number,
  how: 'slots' | 'fold' = 'slots',
): Promise<CaseResult> {
  const means: number[] = [];
  const theirMeans: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const isOursFirst = round % 2 === 0;
    const first = await pass(traffic, load, isOursFirst ? ours : theirs);
    const second = await pass(traffic, load, isOursFirst ? theirs : ours);
    const [mine, other] = isOursFirst ? [first, second] : [second, first];
    checkMix(name, mine.byOp, other.byOp);
    if (round < 0) continue;
    means.push(mine.nsPerRun);
    theirMeans.push(other.nsPerRun);
  }
  return comparison({
    id: `cost/${name}/program/smallest`,
    reads: 'run time of the kernel program, as the kernel takes it',
    unit: 'ns/event',
    isLessBetter: true,
    baseline: how === 'slots' ? 'the smallest program' : 'the smallest, a slot each',
    kind: 'peer',
    ours: means,
    theirs: theirMeans,
    budget: how === 'slots' ? LEAST_RATIO : undefined,
  });
}

/** The same events on both sides, op by op. */
function checkMix(name: string, ours: readonly number[], theirs: readonly number[]): void {
  const total = theirs.reduce((sum, count) => sum + count, 0);
  if (total === 0) throw new Error(`cost/program/${name}: nothing happened`);
  for (const [op, count] of theirs.entries()) {
    if (Math.abs(count - (ours[op] ?? 0)) > MIX_TOLERANCE_RATIO * total + 1) {
      throw new Error(`cost/program/${name}: op ${op}: ours ${ours[op]}, smallest ${count}`);
    }
  }
}
