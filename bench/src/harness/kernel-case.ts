import type { BenchCase } from './bench-case.ts';
import { whyNoKernel } from './kernel-needs.ts';

/** A case that needs the kernel, and a compiler for it: left out as a whole, with the reason, where that is not to be had. */
export function kernelCase(needing: BenchCase): BenchCase {
  const { suite, name } = needing;
  return {
    ...needing,
    async run(bench) {
      const missing = whyNoKernel();
      if (missing === undefined) await needing.run(bench);
      else bench.leftOut(`${suite}/${name}`, missing);
    },
  };
}
