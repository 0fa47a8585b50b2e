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
    const expected = sumOf(input);
    // The first is not counted.
    for (let round = -1; round < bench.rounds; round++) {
      const { ns, checksum } = await c.measure('read');
      if (checksum !== expected) throw new Error(`${id}: C found ${checksum} of ${expected}`);
      if (round >= 0) values.push(input.bytes / ns);
    }
    bench.result(
      figure({ id, reads: 'all memory, by C', values, unit: 'GB/s', isLessBetter: false }),
    );
  });
}

/** The sum of all words of 64 bits, modulo 2^32: that of their low halves. */
function sumOf({ spans }: SlotInput): number {
  let sum = 0;
  for (const { memory, startWord, endWord } of spans) {
    for (let word = startWord; word < endWord; word += 2) sum = (sum + memory.u32[word]!) >>> 0;
  }
  return sum;
}
