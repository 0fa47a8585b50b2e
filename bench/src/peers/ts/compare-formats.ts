import { figure } from '@sockflow/benchmark';
import { inlineAccessors } from '@sockflow/core';

import type { BenchRun } from '../../harness/bench-case.ts';
import { partOfSlots } from '../../harness/part-of-slots.ts';
import { loadInput, type SlotInput } from '../../harness/slot-input.ts';
import { compareWays } from './compare-ways.ts';
import { type FormatPeer, formatPeers } from './format-peers.ts';
import { OUR_WAYS } from './ours.ts';
import { PeerProcess } from './peer-process.ts';
import type { Task } from './peer.ts';
import { caseId } from './reads-of.ts';
import { repeated } from './repeated.ts';

const MIB = 2 ** 20;
/* Some take seconds for as much as this: it is some 100,000 events. The native peers' part is the same. */
const PART_BYTES = 32 * MIB;
const SMOKE_PART_BYTES = 2 * MIB;
const MOST_ROUNDS = 7;
const LEAST_MS = 25;
/* Until V8 has compiled what a pass over few events runs. */
const WARM_UP_MS = 1000;

interface FormatOptions {
  readonly tasks: readonly Task[];
  /** Whether a row of each encoding's size is wanted. */
  readonly withSizes: boolean;
}

/** Our slots through our API against the same events in other encodings, each with a process of its own. */
export async function compareFormats(bench: BenchRun, options: FormatOptions): Promise<void> {
  // As lanes do.
  inlineAccessors();
  for (const whole of await loadInput(bench)) {
    const input = partOfSlots(whole, bench.isSmoke ? SMOKE_PART_BYTES : PART_BYTES);
    const peers = await startPeers(bench, input, options);
    try {
      if (options.withSizes) await sizes(bench, input, peers);
      for (const task of options.tasks) await compare(bench, task, input, peers);
    } finally {
      for (const peer of peers) peer.close();
    }
  }
}

async function startPeers(
  bench: BenchRun,
  input: SlotInput,
  { tasks }: FormatOptions,
): Promise<PeerProcess[]> {
  const peers = formatPeers();
  bench.note(`${input.name}: ${input.events} slots, encoded by ${peers.length} peers`);
  const started = await Promise.all(
    peers.map((peer) => PeerProcess.start(peer, input.path, input.bytes)),
  );
  return started.flatMap((outcome, index) => {
    if (typeof outcome !== 'string') return [outcome];
    const { name } = peers[index] as FormatPeer;
    for (const task of tasks) bench.leftOut(`${caseId(task, input)}/${name}`, outcome);
    return [];
  });
}

async function compare(
  bench: BenchRun,
  task: Task,
  input: SlotInput,
  all: readonly PeerProcess[],
): Promise<void> {
  const peers = all.filter(({ tasks }) => tasks.includes(task));
  if (!bench.isSmoke) {
    for (const way of OUR_WAYS.filter((one) => one.task === task))
      await repeated(WARM_UP_MS, () => way.run(input.spans));
    for (const peer of peers) await peer.pass(task, WARM_UP_MS);
  }
  await compareWays(bench, {
    task,
    input,
    rounds: Math.min(bench.rounds, MOST_ROUNDS),
    leastMs: bench.isSmoke ? 0 : LEAST_MS,
    peers: peers.map((process) => ({
      ...process.peer,
      pass: (ms) => process.pass(task, ms),
    })),
  });
}

/** Bytes that an op event takes in each encoding, ours first. */
async function sizes(
  bench: BenchRun,
  input: SlotInput,
  peers: readonly PeerProcess[],
): Promise<void> {
  const count = peers[0]?.events;
  if (count === undefined) return;
  const row = (name: string, bytes: number): void =>
    bench.result(
      figure({
        id: `decode/${input.name}/size/${name}`,
        reads: 'bytes of the encoding in memory for each op event',
        values: [bytes / count],
        unit: 'B/event',
        isLessBetter: true,
      }),
    );
  row('slots', input.bytes);
  const bytesOf = new Map(peers.map(({ peer, bytes }) => [peer.encoding, bytes]));
  for (const [encoding, bytes] of bytesOf) if (encoding !== undefined) row(encoding, bytes);
}
