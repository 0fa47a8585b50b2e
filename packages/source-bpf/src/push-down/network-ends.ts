import type { Network } from '@sockflow/core';

/** A network as the key of the program's LPM trie, and the ends that are compared with it. */
export interface NetworkEnds {
  /** 16 bytes, network byte order; IPv4 as ::ffff:a.b.c.d. */
  readonly address: Uint8Array;
  readonly prefixBits: number;
  readonly ends: number;
}

/**
 * The entries of the trie. A look-up finds the longest prefix alone, so each entry has the ends of the networks that contain it, too: 10.0.0.0/8 as remote and 10.1.0.0/16 as
 * local make the entry of 10.1.0.0/16 answer for both.
 */
export function networkEnds(
  given: readonly { readonly network: Network; readonly ends: number }[],
): readonly NetworkEnds[] {
  const byKey = new Map<string, { address: Uint8Array; prefixBits: number; ends: number }>();
  for (const { network, ends } of given) {
    const address = addressBytes(network);
    const key = `${address.join('.')}/${network.prefixBits}`;
    const entry = byKey.get(key);
    if (entry === undefined) byKey.set(key, { address, prefixBits: network.prefixBits, ends });
    else entry.ends |= ends;
  }
  const entries = [...byKey.values()].toSorted((a, b) => a.prefixBits - b.prefixBits);
  for (const [index, entry] of entries.entries()) {
    // Shorter prefixes come first, and have their covering networks' ends already.
    for (const wider of entries.slice(0, index)) {
      if (contains(wider.address, wider.prefixBits, entry.address)) entry.ends |= wider.ends;
    }
  }
  return entries;
}

/** Whether an address lies in a network; its bits behind the prefix are zero. */
export function contains(network: Uint8Array, prefixBits: number, address: Uint8Array): boolean {
  const wholeBytes = prefixBits >>> 3;
  for (let index = 0; index < wholeBytes; index++) {
    if (network[index] !== address[index]) return false;
  }
  const restBits = prefixBits & 7;
  if (restBits === 0) return true;
  const mask = (0xff00 >>> restBits) & 0xff;
  return (((network[wholeBytes] ?? 0) ^ (address[wholeBytes] ?? 0)) & mask) === 0;
}

/** The words lie as in the slot: little-endian words of bytes in network order. */
function addressBytes({ words }: Network): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word, true);
  return bytes;
}
