import { Kind, PRESENCE_BIT, type SlotSpan } from '@sockflow/core';

const HAS_CB_FLAGS = 1 << PRESENCE_BIT.bpf_sock_ops_cb_flags;

/** What somebody would write by hand who knows the layout and needs this one count: the price of the framework is measured against it. */
export function countByHand(spans: readonly SlotSpan[], opMask: number, any: number): number {
  let count = 0;
  for (const { memory, startWord, endWord } of spans) {
    const words = memory.u32;
    for (let w = startWord; w < endWord;) {
      const length = words[w]!;
      const head = words[w + 2]!;
      const op = (head >>> 8) & 0xff;
      if (
        length >>> 30 === 0 &&
        (head & 0xff) === Kind.OP &&
        op < 32 &&
        ((opMask >>> op) & 1) !== 0 &&
        (words[w + 14]! & HAS_CB_FLAGS) !== 0 &&
        ((head >>> 16) & any) !== 0
      ) {
        count++;
      }
      w += ((length & 0x3fffffff) + 8) >>> 2;
    }
  }
  return count;
}
