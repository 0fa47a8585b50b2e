import {
  BUSY_BIT,
  DISCARD_BIT,
  LENGTH_MASK,
  RING_HEADER_BYTES,
  SLOT_BYTES,
  SLOT_STEP_BYTES,
} from './layout.ts';

/** The slot is still being written: the walk ends here and goes on here later. */
export const STEP_BUSY = 0;
/** No slot can begin like this: the walk ends here and the rest is damage. */
export const STEP_DAMAGED = -1;

/**
 * What a walk does at a slot with this length word, `restBytes` before the end of the memory walked: every walk over slots obeys it, generated loops
 * included.
 *
 * @returns bytes of the slot to look at; minus the bytes of a slot to skip (S4); {@link STEP_BUSY} (S3); {@link STEP_DAMAGED} (S5)
 */
export function slotStep(lengthWord: number, restBytes: number): number {
  if ((lengthWord & BUSY_BIT) !== 0) return STEP_BUSY;
  const bytes = (lengthWord & LENGTH_MASK) + RING_HEADER_BYTES;
  if ((bytes & (SLOT_STEP_BYTES - 1)) !== 0 || bytes > restBytes) return STEP_DAMAGED;
  if ((lengthWord & DISCARD_BIT) !== 0) return -bytes;
  return bytes < SLOT_BYTES ? STEP_DAMAGED : bytes;
}

/** How many slots `bytes` of damage count as where nothing else says it: as many base slots as fit, at least one. */
export function slotsInDamage(bytes: number): number {
  return bytes === 0 ? 0 : Math.max(1, Math.floor(bytes / SLOT_BYTES));
}
