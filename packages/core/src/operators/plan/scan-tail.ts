import { slotsInDamage, slotStep, STEP_BUSY, STEP_DAMAGED } from '../../slot/slot-step.ts';

/** Where a walk that a scan loop left off ends, and the slots that damage there counts as (S5). */
export interface ScanEnd {
  readonly stopWord: number;
  readonly damaged: number;
}

/**
 * Walks on from where a scan loop left off: over discarded slots shorter than ours (a ring pads its end with one, S4), to the end, a busy slot or damage.
 */
export function scanTail(
  u32: Uint32Array,
  startWord: number,
  endWord: number,
  mayBeBusy: boolean,
): ScanEnd {
  let w = startWord;
  while (w < endWord) {
    const restBytes = (endWord - w) * 4;
    const step = slotStep(Atomics.load(u32, w), restBytes);
    // A slot that became whole since the loop stopped at it is the next span's.
    if (mayBeBusy && (step === STEP_BUSY || step > 0)) return { stopWord: w, damaged: 0 };
    if (step >= STEP_DAMAGED) return { stopWord: w, damaged: slotsInDamage(restBytes) };
    w += -step >>> 2;
  }
  return { stopWord: w, damaged: 0 };
}
