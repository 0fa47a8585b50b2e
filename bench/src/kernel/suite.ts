import type { CaseResult } from '../harness/case-result.ts';
import type { Suite, SuiteOptions } from '../harness/suite.ts';
import { application } from './application.ts';
import { copied, drain } from './drain.ts';
import { idle } from './idle.ts';
import { latency } from './latency.ts';
import { live } from './live.ts';
import { whyNoKernel } from './needs.ts';
import { program } from './program.ts';

const CASES: Readonly<Record<string, Suite>> = {
  drain,
  live,
  copied,
  program,
  application,
  idle,
  latency,
};

/** Names of what can be run alone. */
export const KERNEL_CASES: readonly string[] = Object.keys(CASES);

/** The kernel as a source: its rings beside libbpf's consumer, its program beside the smallest, and what both cost. */
export async function kernelSuite(
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const missing = whyNoKernel();
  if (missing !== undefined) {
    options.note(`kernel: left out, ${missing}`);
    return;
  }
  for (const [name, run] of Object.entries(CASES)) {
    if (options.cases.length === 0 || options.cases.includes(name)) await run(options, report);
  }
}
