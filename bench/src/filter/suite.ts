import { timedAsync } from '@sockflow/benchmark';

import type { BenchCase } from '../harness/bench-case.ts';
import { ANY_CB, OP_MASK } from '../harness/bench-filter.ts';
import { compareSlots } from '../peers/native/compare-slots.ts';
import { ourScan } from './our-scan.ts';

/** Slots in memory, filtered by op and flags: which ones survive, and no field of theirs besides. */
export const filterCases: readonly BenchCase[] = [
  {
    suite: 'filter',
    name: 'op-flags',
    says: 'slots in memory by op and callback flags, against loops in C, Go, Rust and Python',
    run: (bench) =>
      compareSlots(bench, {
        suite: 'filter',
        name: 'op-flags',
        reads: 'op, cbFlags',
        command: 'scan',
        parameters: [OP_MASK, ANY_CB],
        budget: 0.9,
        ours: (input) => timedAsync(() => ourScan(input)),
      }),
  },
];
