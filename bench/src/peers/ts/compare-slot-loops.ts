import { inlineAccessors } from '@sockflow/core';

import type { BenchRun } from '../../harness/bench-case.ts';
import { loadInput } from '../../harness/slot-input.ts';
import { compareWays } from './compare-ways.ts';
import type { Task } from './peer.ts';
import { repeated } from './repeated.ts';
import { dataViewLoops } from './slots/data-view.ts';
import type { SlotLoops } from './slots/slot-loops.ts';
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
      const pass = (loops: SlotLoops) => (ms: number) =>
        repeated(ms, () => loops[task](input.spans));
      await compareWays(bench, {
        task,
        input,
        rounds: bench.rounds,
        leastMs,
        peers: [
          {
            name: 'typed-array',
            title: `Uint32Array loop by hand, Node.js ${process.version}`,
            kind: 'peer',
            pass: pass(typedArrayLoops),
          },
          {
            name: 'data-view',
            title: `DataView loop by hand, Node.js ${process.version}`,
            kind: 'peer',
            pass: pass(dataViewLoops),
          },
        ],
      });
    }
  }
}
