import type { RawSelection } from '../../batch/batch.ts';
import { PRESENCE_HIGH_WORD, PRESENCE_LOW_WORD } from '../../slot/layout.ts';
import type { PresenceBits } from './fold-code.ts';

const SAMPLED_SLOTS = 256;
const USUAL_RATIO = 3 / 4;

function usualBits(selection: RawSelection, word: number, asked: number): number {
  const { words, size, memory } = selection;
  const step = Math.max(1, Math.floor(size / SAMPLED_SLOTS));
  const enough = Math.ceil(size / step) * USUAL_RATIO;
  let usual = 0;
  for (let bit = 0; bit < 32; bit++) {
    if (((asked >>> bit) & 1) === 0) continue;
    let count = 0;
    for (let index = 0; index < size; index += step) {
      count += (memory.u32[words[index]! + word]! >>> bit) & 1;
    }
    if (count >= enough) usual |= 1 << bit;
  }
  return usual;
}

/** Those of the `asked` presence bits that nearly all events of a batch have. It decides about speed alone. */
export function usualPresence(selection: RawSelection, asked: PresenceBits): PresenceBits {
  return {
    low: usualBits(selection, PRESENCE_LOW_WORD, asked.low),
    high: usualBits(selection, PRESENCE_HIGH_WORD, asked.high),
  };
}
