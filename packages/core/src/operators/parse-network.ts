import { isIPv4, isIPv6 } from 'node:net';

import type { Network } from '../contracts/filter.ts';
import { V4_MAPPED_WORD } from '../schema/address.ts';
import { optionError } from './check-option.ts';
import { leadingBitsMask } from './plan/network-table.ts';

const MAPPED_BITS = 96;

function refuse(text: string): never {
  throw optionError(
    'parseNetwork',
    'the network',
    'an address or an address/prefix length, such as 10.0.0.0/8 or fd00::/8',
    text,
  );
}

/** The bytes of an IPv4 address as the word that lies in the slot. */
function ip4Word(text: string): number {
  const [a, b, c, d] = text.split('.').map(Number);
  return (a! | (b! << 8) | (c! << 16) | (d! << 24)) >>> 0;
}

function groupsOf(part: string): number[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
}

/** The eight groups of an IPv6 address without a dotted part. */
function ip6Groups(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const first = groupsOf(head);
  if (tail === undefined) return first;
  const last = groupsOf(tail);
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

/** A dotted last part as two groups of hexadecimal digits. */
function withoutDots(text: string): string {
  const at = text.lastIndexOf(':') + 1;
  const dotted = text.slice(at);
  if (!dotted.includes('.')) return text;
  const word = ip4Word(dotted);
  const high = ((word & 0xff) << 8) | ((word >>> 8) & 0xff);
  const low = (((word >>> 16) & 0xff) << 8) | (word >>> 24);
  return `${text.slice(0, at)}${high.toString(16)}:${low.toString(16)}`;
}

/** Two groups, in network byte order, as the word that lies in the slot. */
function ip6Word(first: number, second: number): number {
  return (
    ((first >>> 8) | ((first & 0xff) << 8) | ((second & 0xff00) << 8) | ((second & 0xff) << 24)) >>>
    0
  );
}

function addressWords(text: string): [number, number, number, number] {
  if (isIPv4(text)) return [0, 0, V4_MAPPED_WORD, ip4Word(text)];
  if (!isIPv6(text) || text.includes('%')) refuse(text);
  const groups = ip6Groups(withoutDots(text));
  const word = (index: number): number => ip6Word(groups[index]!, groups[index + 1]!);
  return [word(0), word(2), word(4), word(6)];
}

function prefixBitsOf(text: string, prefix: string | undefined, isIp4: boolean): number {
  const most = isIp4 ? 32 : 128;
  if (prefix === undefined) return 128;
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : most + 1;
  if (bits > most) refuse(text);
  return isIp4 ? bits + MAPPED_BITS : bits;
}

/**
 * Reads a network: `10.0.0.0/8`, `fd00::/8`, or an address alone, which is a network of one. Bits behind the prefix are cleared.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function parseNetwork(text: string): Network {
  const [address = '', prefix, ...more] = text.split('/');
  if (more.length > 0) refuse(text);
  const words = addressWords(address);
  const prefixBits = prefixBitsOf(text, prefix, isIPv4(address));
  const masked = words.map(
    (word, index) => (word & leadingBitsMask(prefixBits - index * 32)) >>> 0,
  ) as [number, number, number, number];
  return { text, words: masked, prefixBits };
}
