import type { BaselineKind, CaseResult, Pass } from '@sockflow/benchmark';
import type { SlotSpan } from '@sockflow/core';

import type { BenchRun } from '../../harness/bench-case.ts';
import type { SlotInput } from '../../harness/slot-input.ts';
import { sweep } from '../../harness/sweep.ts';
import { OUR_WAYS } from './ours.ts';
import type { Task } from './peer.ts';
import { caseId, READS_OF } from './reads-of.ts';
import { repeated } from './repeated.ts';

/** One of those that our ways are compared with. */
export interface ComparedPeer {
  readonly name: string;
  readonly title: string;
  readonly kind: BaselineKind;
  /** What it does before a field can be read; said in its rows. */
  readonly decodes?: string;
  pass(leastMs: number): Promise<Pass>;
}

interface WaysOptions {
  readonly task: Task;
  readonly input: SlotInput;
  readonly rounds: number;
  /** A pass is repeated until so much time has gone. */
  readonly leastMs: number;
  readonly peers: readonly ComparedPeer[];
}

const POINT = 'all';

/** Our ways to do a task and those of the peers, all in turn: a row for each pair. */
export async function compareWays(bench: BenchRun, options: WaysOptions): Promise<void> {
  const { task, input, leastMs, peers } = options;
  const ours = OUR_WAYS.filter((way) => way.task === task);
  const pass =
    (run: (spans: readonly SlotSpan[]) => ReturnType<(typeof ours)[number]['run']>) =>
    (): Promise<Pass> =>
      repeated(leastMs, () => run(input.spans));
  const swept = await sweep({
    id: caseId(task, input),
    title: READS_OF[task],
    x: { label: 'events', scale: 'category' },
    y: { label: 'events/s', scale: 'linear' },
    rounds: options.rounds,
    points: [{ x: POINT, at: POINT }],
    curves: [
      ...ours.map((way) => ({ name: way.name, pass: () => pass(way.run) })),
      ...peers.map((peer) => ({ name: peer.name, pass: () => () => peer.pass(leastMs) })),
    ],
    yOf: (ns) => input.events / (ns / 1e9),
  });
  for (const { name: curve, suffix } of ours) {
    for (const peer of peers) {
      const row = swept.row({
        id: `${caseId(task, input)}${suffix}/${peer.name}`,
        reads: readsOf(task, peer),
        unit: 'events/s',
        isLessBetter: false,
        kind: peer.kind,
        baseline: peer.title,
        curve,
        against: peer.name,
        x: POINT,
      });
      bench.result(row as CaseResult);
    }
  }
}

function readsOf(task: Task, { decodes }: ComparedPeer): string {
  return decodes === undefined ? READS_OF[task] : `${READS_OF[task]}; the peer ${decodes}`;
}
