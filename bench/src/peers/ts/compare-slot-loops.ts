import { compareSides } from '@sockflow/benchmark';
import { inlineAccessors } from '@sockflow/core';

import type { BenchRun } from '../../harness/bench-case.ts';
import { loadInput } from '../../harness/slot-input.ts';
import { OURS } from './ours.ts';
import type { Task } from './peer.ts';
import { caseId, READS_OF } from './reads-of.ts';
import { repeated } from './repeated.ts';
import { dataViewLoops } from './slots/data-view.ts';
import { typedArrayLoops } from './slots/typed-array.ts';

/* A pass over the small input would be too short to be timed alone. */
const LEAST_MS = 10;

/** Our API against loops over the same memory, in this thread, by somebody who knows the layout. */
export async function compareSlotLoops(bench: BenchRun, tasks: readonly Task[]): Promise<void> {
  // As lanes do.
  inlineAccessors();
  const leastMs = bench.isSmoke ? 0 : LEAST_MS;
  for (const input of await loadInput(bench)) {
    for (const task of tasks) {
      const { results } = await compareSides({
        id: caseId(task, input),
        reads: READS_OF[task],
        units: input.events,
        unit: 'events/s',
        rounds: bench.rounds,
        ours: () => repeated(leastMs, () => OURS[task](input.spans)),
        baselines: [
          {
            name: 'typed-array',
            title: `Uint32Array loop by hand, Node.js ${process.version}`,
            kind: 'peer',
            run: () => repeated(leastMs, () => typedArrayLoops[task](input.spans)),
          },
          {
            name: 'data-view',
            title: `DataView loop by hand, Node.js ${process.version}`,
            kind: 'peer',
            run: () => repeated(leastMs, () => dataViewLoops[task](input.spans)),
          },
        ],
      });
      for (const result of results) bench.result(result);
    }
  }
}
