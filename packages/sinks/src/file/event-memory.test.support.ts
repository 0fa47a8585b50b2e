import { SlotMemory } from '@sockflow/core';

/** One event, at word 0. */
export function eventMemory(): SlotMemory {
  const memory = SlotMemory.allocate(256);
  memory.u32[0] = 248;
  memory.u32[2] = 1;
  return memory;
}
