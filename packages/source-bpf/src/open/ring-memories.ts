import { createRingMemory, kernelRingMemory, type RingMemory } from '@sockflow/core';

import { toKernelError } from '../kernel-error.ts';
import type { NativeSource } from '../native/binding-types.ts';
import type { BpfSettings } from '../options/check-bpf-options.ts';

/** A copy need not be as large as the ring: it is filled only when it is empty, and this much lies in the second-level cache. */
const LARGEST_COPY_BYTES = 512 * 1024;

/** The memory through which each lane reads its ring: the kernel's own pages, or memory to copy into. */
export function ringMemories(
  native: Pick<NativeSource, 'mapRing'>,
  { memory, ringBytes }: BpfSettings,
  lanes: number,
): readonly RingMemory[] {
  return Array.from({ length: lanes }, (_, lane) => {
    if (memory === 'copied') return copyMemory(ringBytes);
    try {
      return kernelRingMemory(native.mapRing(lane));
    } catch (error) {
      if (memory === 'mapped') {
        throw toKernelError(error, { doing: `mapping the ring of lane ${lane}` });
      }
      return copyMemory(ringBytes);
    }
  });
}

function copyMemory(ringBytes: number): RingMemory {
  return createRingMemory({ capacityBytes: Math.min(ringBytes, LARGEST_COPY_BYTES) });
}
