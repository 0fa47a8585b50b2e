import { type Baseline, compareSides, type Pass, timed, timedAsync } from '@sockflow/benchmark';
import { filterFlags, filterOp, fromSource, type SlotSpan } from '@sockflow/core';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { ANY_CB, OP_MASK, OPS } from '../harness/bench-filter.ts';
import { C_TITLE } from '../harness/c-pass.ts';
import { withC } from '../harness/c-program.ts';
import { drain } from '../harness/drain.ts';
import { memorySource } from '../harness/memory-source.ts';
import type { PeerProgram } from '../harness/peer-program.ts';
import { loadInput, type SlotInput } from '../harness/slot-input.ts';
import { countByHand } from './handwritten.ts';
import { naiveSurvivors } from './naive.ts';

/* The naive way is timed on a part of the input: on all of it one pass would take most of a minute. */
const NAIVE_BYTES = 32 * 2 ** 20;
const MOST_NAIVE_ROUNDS = 5;
const WAYS = [
  { name: 'c', way: 'plain', title: C_TITLE, budget: 0.5 },
  { name: 'c-four', way: 'four', title: 'C, four at a time', budget: undefined },
] as const;
const READS = 'op, cbFlags; survivors counted';

/** A filter through the public API and RxJS, counting survivors, against C, a loop by hand and the naive way. */
export const countSurvivorsCase: BenchCase = {
  suite: 'pipeline',
  name: 'count-survivors',
  says: 'filter and count through the public API and RxJS, against C, a loop by hand and objects',
  async run(bench) {
    for (const input of await loadInput(bench)) {
      await againstLoops(input, bench);
      await againstNaive(input, bench);
    }
  },
};

async function againstLoops(input: SlotInput, bench: BenchRun): Promise<void> {
  const id = `pipeline/${input.name}/count-survivors`;
  await withC(
    bench,
    { program: 'sweep', rows: WAYS.map(({ name }) => `${id}/${name}`) },
    async (c) => {
      await c?.ask(`load ${input.path} 1`);
      const { results } = await compareSides({
        id,
        reads: READS,
        units: input.events,
        unit: 'events/s',
        rounds: bench.rounds,
        ours: () => countOurs(input.spans),
        baselines: [...(c === undefined ? [] : inC(c, input)), byHand(input)],
      });
      for (const result of results) bench.result(result);
    },
  );
}

/* Counting loops, which note no survivor; the budget is asked of what one writes first. */
function inC(c: PeerProgram, { isLarge, bytes }: SlotInput): Baseline[] {
  return WAYS.map(({ name, way, title, budget }) => ({
    name,
    title,
    kind: 'peer',
    budget: isLarge ? budget : undefined,
    run: async () => {
      const { ns, count } = await c.measure(`count ${OP_MASK} ${ANY_CB} ${bytes} 1 ${way}`);
      return { ns, answer: String(count) };
    },
  }));
}

function byHand({ spans, isLarge }: SlotInput): Baseline {
  return {
    name: 'by-hand',
    title: 'typed-array loop by hand',
    kind: 'peer',
    budget: isLarge ? 0.8 : undefined,
    run: () => timed(() => String(countByHand(spans, OP_MASK, ANY_CB))),
  };
}

async function againstNaive(input: SlotInput, bench: BenchRun): Promise<void> {
  const spans = input.spans.slice(0, Math.max(1, Math.floor(NAIVE_BYTES / 2 ** 20)));
  const { results } = await compareSides({
    id: `pipeline/${input.name}/count-survivors`,
    reads: READS,
    units: (input.events * spans.length) / input.spans.length,
    unit: 'events/s',
    rounds: Math.min(bench.rounds, MOST_NAIVE_ROUNDS),
    ours: () => countOurs(spans),
    baselines: [
      {
        name: 'objects',
        title: 'objects + RxJS per event',
        kind: 'naive',
        budget: input.isLarge ? 8 : undefined,
        run: () =>
          timedAsync(async () => {
            let count = 0;
            await drain(naiveSurvivors(spans, OPS, ANY_CB), () => count++);
            return String(count);
          }),
      },
    ],
  });
  for (const result of results) bench.result(result);
}

function countOurs(spans: readonly SlotSpan[]): Promise<Pass> {
  return timedAsync(async () => {
    let count = 0;
    const survivors = fromSource(memorySource(spans), { views: 'reused' }).pipe(
      filterOp(...OPS),
      filterFlags({ cb: { any: ANY_CB } }),
    );
    await drain(survivors, (batch) => {
      count += batch.size;
    });
    return String(count);
  });
}
