import { figure } from '@sockflow/benchmark';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { withC } from '../harness/c-program.ts';
import { loadInput, type SlotInput } from '../harness/slot-input.ts';

/** Memory read as 64-bit words, by C: what no scan can be faster than. */
export const memoryBandwidthCase: BenchCase = {
  suite: 'decode',
  name: 'memory-bandwidth',
  says: 'the input read as 64-bit words by C: what bounds all others',
  async run(bench) {
    for (const input of await loadInput(bench)) await measure(input, bench);
  },
};

async function measure(input: SlotInput, bench: BenchRun): Promise<void> {
  const id = `decode/${input.name}/memory-bandwidth`;
  await withC(bench, { program: 'slots', rows: [id] }, async (c) => {
    if (c === undefined) return;
    await c.ask(`load ${input.path}`);
    const values: number[] = [];
    for (let round = 0; round < bench.rounds; round++)
      values.push(input.bytes / (await c.measure('read')).ns);
    bench.result(
      figure({ id, reads: 'all memory, by C', values, unit: 'GB/s', isLessBetter: false }),
    );
  });
}
