import type { Network } from '../../contracts/filter.ts';
import { V4_MAPPED_WORD } from '../../schema/address.ts';
import { PRESENCE_BIT } from '../../schema/generated/presence.ts';

/**
 * Networks to compare addresses with, as words that lie as in the slot. An address is compared in one form: an IPv4 one as ::ffff:a.b.c.d, so that it does not matter
 * whether the socket is AF_INET or a dual-stack AF_INET6 one.
 */
export interface NetworkTable {
  /** Pairs of mask and value of the IPv4 address, of the networks that contain v4-mapped addresses at all. */
  readonly v4: Int32Array;
  /** Four masks and four values of each network. */
  readonly v6: Int32Array;
}

/* Bytes 48-63 and 64-95 of the slot. */
const IP4_WORD = 12;
const IP6_WORD = 16;
const IP6_WORDS = 4;

/** The mask of the leading `bits` (0 to 32) of a word in network byte order, as it lies in memory. */
export function leadingBitsMask(bits: number): number {
  if (bits <= 0) return 0;
  const mask = bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
  return (mask >>> 24) | ((mask >>> 8) & 0xff00) | ((mask << 8) & 0xff0000) | ((mask << 24) >>> 0);
}

/** The table of a list of networks. */
export function networkTable(networks: readonly Network[]): NetworkTable {
  const v4: number[] = [];
  const v6: number[] = [];
  for (const { words, prefixBits } of networks) {
    const masks = words.map((_, index) => leadingBitsMask(prefixBits - index * 32));
    v6.push(...masks, ...words);
    const holdsMapped =
      words[0] === 0 && words[1] === 0 && ((V4_MAPPED_WORD ^ words[2]) & masks[2]!) === 0;
    if (holdsMapped) v4.push(masks[3]!, words[3]);
  }
  return { v4: Int32Array.from(v4), v6: Int32Array.from(v6) };
}

function matchIp4(v4: Int32Array, address: number): boolean {
  for (let index = 0; index < v4.length; index += 2) {
    if ((address & v4[index]!) === v4[index + 1]!) return true;
  }
  return false;
}

function matchIp6(v6: Int32Array, m: Uint32Array, at: number): boolean {
  for (let index = 0; index < v6.length; index += 8) {
    if (
      (m[at]! & v6[index]!) === v6[index + 4]! &&
      (m[at + 1]! & v6[index + 1]!) === v6[index + 5]! &&
      (m[at + 2]! & v6[index + 2]!) === v6[index + 6]! &&
      (m[at + 3]! & v6[index + 3]!) === v6[index + 7]!
    ) {
      return true;
    }
  }
  return false;
}

/**
 * Whether an address of the slot at word `w` is in one of the networks; `end` is 0 for the remote one, 1 for the local one. An AF_INET event's address is read from its
 * ip4 field only, an AF_INET6 event's from ip6 only: the kernel leaves rubbish in the other.
 */
export function matchAddress(table: NetworkTable, m: Uint32Array, w: number, end: 0 | 1): boolean {
  const presence = m[w + 14]!;
  if ((presence & (1 << (PRESENCE_BIT.remote_ip4 + end))) !== 0) {
    return matchIp4(table.v4, m[w + IP4_WORD + end]!);
  }
  if ((presence & (1 << (PRESENCE_BIT.remote_ip6 + end))) !== 0) {
    return matchIp6(table.v6, m, w + IP6_WORD + IP6_WORDS * end);
  }
  return false;
}
