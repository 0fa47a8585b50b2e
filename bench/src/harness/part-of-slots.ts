import { cachedFile } from './cached-file.ts';
import type { SlotInput } from './slot-input.ts';

/** Where it ends, after whole spans, and how many slots lie there. */
function measured({ spans }: SlotInput, partBytes: number): { spans: number; events: number } {
  let events = 0;
  for (const [index, { memory, startWord, endWord }] of spans.entries()) {
    if (endWord * 4 > partBytes && index > 0) return { spans: index, events };
    for (let word = startWord; word < endWord; events++) {
      // Length and the header's 8 bytes, rounded up to 8.
      word += ((((memory.u32[word] ?? 0) & 0x3fffffff) + 15) & ~7) / 4;
    }
  }
  return { spans: spans.length, events };
}

/** The first slots of an input, for those that would take minutes for all of it; the input itself where it is no larger. The same bytes are in a file of its own. */
export function partOfSlots(input: SlotInput, partBytes: number): SlotInput {
  if (input.bytes <= partBytes) return input;
  const { spans: count, events } = measured(input, partBytes);
  const spans = input.spans.slice(0, count);
  const bytes = (spans.at(-1)?.endWord ?? 0) * 4;
  const path = cachedFile(`${input.name}.slots-part`, input.spans[0]!.memory.u8.subarray(0, bytes));
  return { ...input, name: `${input.name}-part`, path, bytes, events, spans, isLarge: false };
}
