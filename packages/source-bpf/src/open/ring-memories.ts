import { createRingMemory, kernelRingMemory, type RingMemory } from '@sockflow/core';

import { toKernelError } from '../kernel-error.ts';
import type { NativeSource } from '../native/binding-types.ts';
import type { BpfSettings } from '../options/check-bpf-options.ts';

/** A copy need not be as large as the ring: it is filled only when it is empty, and this much lies in the second-level cache. */
const LARGEST_COPY_BYTES = 512 * 1024;

/** The memory through which each lane reads its ring: the kernel's own pages, or memory to copy into. */
export interface RingMemories {
  readonly memories: readonly RingMemory[];
  /** Why slots are copied, where nobody asked for that. */
  readonly warnings: readonly string[];
}

export function ringMemories(
  native: Pick<NativeSource, 'mapRing'>,
  { memory, ringBytes }: Pick<BpfSettings, 'memory' | 'ringBytes'>,
  lanes: number,
): RingMemories {
  const all = Array.from({ length: lanes }, (_, lane) => lane);
  const copies = (): RingMemory[] => all.map(() => copyMemory(ringBytes));
  if (memory === 'copied') return { memories: copies(), warnings: [] };
  try {
    return { memories: all.map((lane) => kernelRingMemory(native.mapRing(lane))), warnings: [] };
  } catch (error) {
    if (memory === 'mapped') throw toKernelError(error, { doing: 'mapping the rings' });
    const reason = error instanceof Error ? error.message : String(error);
    return {
      memories: copies(),
      warnings: [`the rings' pages cannot be read in place, so slots are copied: ${reason}`],
    };
  }
}

function copyMemory(ringBytes: number): RingMemory {
  return createRingMemory({ capacityBytes: Math.min(ringBytes, LARGEST_COPY_BYTES) });
}
