import type { Source } from '@sockflow/core';

import type { BpfOptions } from './bpf-options.ts';
import { BpfSource } from './bpf-source.ts';
import { checkBpfOptions } from './options/check-bpf-options.ts';

/**
 * A source of this kernel's TCP events, as they happen. Creating one opens nothing and needs nothing of the machine.
 *
 * Needs Linux on x64, cgroup2, BTF, CAP_BPF and CAP_NET_ADMIN when it is opened.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function bpf(options: BpfOptions = {}): Source {
  return new BpfSource(checkBpfOptions(options));
}
