import { Kind, laneKey, type SlotView } from '@sockflow/core';

import { LARGEST_OP_BIT, OP_UNKNOWN_BIT } from '../options/asked-ops.ts';
import { END_BITS, type KernelFilter } from './kernel-filter.ts';
import { contains, type NetworkEnds } from './network-ends.ts';

/*
 * What filter.h of the kernel program does with a slot, in its order and by its look-ups: one value for a port, the longest prefix for an address.
 */
export function kernelKeeps(filter: KernelFilter, event: SlotView): boolean {
  if (event.kind === Kind.LOSS_MARKER || event.kind === Kind.CLOCK_ANCHOR) return true;
  if ((filter.kindsMask & (1 << event.kind)) === 0) return false;
  if (event.kind === Kind.OP && !keepsOp(filter.opsMask, event.op)) return false;
  if (sampleOf(event.cookie) >= filter.sampleThreshold) return false;
  return keepsPorts(filter.ports, event) && keepsNetworks(filter.networks, event);
}

function keepsOp(mask: bigint | undefined, op: number): boolean {
  const bit = op <= LARGEST_OP_BIT ? op : OP_UNKNOWN_BIT;
  return mask === undefined || (mask & (1n << BigInt(bit))) !== 0n;
}

function sampleOf(cookie: bigint): number {
  return laneKey(Number(cookie & 0xffffffffn), Number(cookie >> 32n)) >>> 8;
}

function keepsPorts(ports: KernelFilter['ports'], event: SlotView): boolean {
  if (ports === undefined) return true;
  const local = ports.get(event.localPort) ?? 0;
  const remote = ports.get(event.remotePort) ?? 0;
  return (local & END_BITS.local) !== 0 || (remote & END_BITS.remote) !== 0;
}

function keepsNetworks(networks: KernelFilter['networks'], event: SlotView): boolean {
  if (networks === undefined) return true;
  return (
    (lookUp(networks, event.localAddress) & END_BITS.local) !== 0 ||
    (lookUp(networks, event.remoteAddress) & END_BITS.remote) !== 0
  );
}

/** As bpf_map_lookup_elem of an LPM trie. */
function lookUp(networks: readonly NetworkEnds[], address: string | undefined): number {
  if (address === undefined) return 0;
  const bytes = addressBytes(address);
  const [longest] = networks
    .filter((network) => contains(network.address, network.prefixBits, bytes))
    .toSorted((a, b) => b.prefixBits - a.prefixBits);
  return longest?.ends ?? 0;
}

function addressBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const v4 = text.replace('::ffff:', '');
  if (v4.includes('.')) {
    bytes.set([0xff, 0xff], 10);
    bytes.set(v4.split('.').map(Number), 12);
    return bytes;
  }
  const [head = '', tail] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const all = [
    ...before,
    ...Array.from({ length: 8 - before.length - after.length }, () => 0),
    ...after,
  ];
  for (const [index, group] of all.entries()) bytes.set([group >>> 8, group & 0xff], index * 2);
  return bytes;
}
