import type { Source } from '@sockflow/core';
import { bpf, type BpfOptions } from 'sockflow';

import { OPS } from '../harness/bench-filter.ts';

/** The kernel source on a cgroup without processes: the kernel gives it nothing, so its ring can be filled by a producer of the benchmark's. */
export function idleSource(cgroup: string, options: BpfOptions): Source {
  return bpf({ memory: 'mapped', existing: 'off', ops: [...OPS], ...options, cgroup });
}
