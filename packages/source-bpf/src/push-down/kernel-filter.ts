import { Kind, type Plan, type PlanFilter } from '@sockflow/core';

import { LARGEST_OP_BIT, OP_UNKNOWN_BIT } from '../options/asked-ops.ts';
import { type NetworkEnds, networkEnds } from './network-ends.ts';

/*
 * What of the plans runs in the kernel program, in the form of its maps and settings (struct sockflow_config of bpf/sockflow_source.h).
 *
 * Each plan is a conjunction, and an event may be dropped only where every plan drops it. The program knows one value for each dimension, so the plans are united
 * dimension by dimension: an event that some plan keeps passes that plan's part of every dimension, and so the union of each. What the union lets through besides,
 * the lane's own scan drops.
 */

/** A filter of the kernel program: an event passes all parts. Markers always pass. */
export interface KernelFilter {
  /** Bit per kind. */
  readonly kindsMask: number;
  /** Of op events, bit per op, 63 for all above 62; `undefined`: all. */
  readonly opsMask: bigint | undefined;
  /** Lane key >> 8 is below it. */
  readonly sampleThreshold: number;
  /** Port → ends; `undefined`: all. */
  readonly ports: ReadonlyMap<number, number> | undefined;
  /** Longest prefix → ends; `undefined`: all. */
  readonly networks: readonly NetworkEnds[] | undefined;
}

/** Ends of a connection, bits. Mirrors SOCKFLOW_END_* of bpf/sockflow_source.h. */
export const END_BITS = { local: 1, remote: 2, either: 3 } as const;

/** Keeps every connection. */
export const WHOLE_SAMPLE: number = 2 ** 24;

/** More networks than this are left to the lane: each is compared with every shorter one to make the trie's entries. */
const MAX_NETWORKS = 4096;

const MARKER_KINDS = (1 << Kind.LOSS_MARKER) | (1 << Kind.CLOCK_ANCHOR);
const OP_KIND = 1 << Kind.OP;
const STATE_KINDS = OP_KIND | (1 << Kind.SNAPSHOT);
const SELECTED_KINDS = STATE_KINDS | (1 << Kind.RTT_SUMMARY);
const ALL_OPS = (1n << 64n) - 1n;

type PortFilter = Extract<PlanFilter, { type: 'port' }>;
type AddressFilter = Extract<PlanFilter, { type: 'address' }>;

/** One plan's part of each dimension. */
interface PlanParts {
  kinds: number;
  ops: bigint;
  threshold: number;
  port: PortFilter | undefined;
  address: AddressFilter | undefined;
}

/** Drops nothing. */
export const NO_FILTER: KernelFilter = {
  kindsMask: SELECTED_KINDS | MARKER_KINDS,
  opsMask: undefined,
  sampleThreshold: WHOLE_SAMPLE,
  ports: undefined,
  networks: undefined,
};

/** The filter that drops only what every plan drops; nothing where there is no plan. */
export function kernelFilter(plans: readonly Plan[]): KernelFilter {
  if (plans.length === 0) return NO_FILTER;
  // A plan that contradicts itself keeps nothing: it widens nothing.
  const parts = plans.map((plan) => planParts(plan)).filter(({ kinds }) => kinds !== 0);
  if (parts.length === 0) return { ...NO_FILTER, kindsMask: MARKER_KINDS };
  const ops = parts.reduce((mask, part) => mask | part.ops, 0n);
  return {
    kindsMask: parts.reduce((mask, { kinds }) => mask | kinds, MARKER_KINDS),
    opsMask: ops === ALL_OPS ? undefined : ops,
    sampleThreshold: parts.reduce((most, { threshold }) => Math.max(most, threshold), 0),
    ports: portEnds(parts.map(({ port }) => port)),
    networks: unitedNetworks(parts.map(({ address }) => address)),
  };
}

/** The filter as a text that is the same in every thread for the same plans. */
export function filterText(filter: KernelFilter): string {
  const { kindsMask, opsMask, sampleThreshold, ports, networks } = filter;
  const portList = ports === undefined ? undefined : [...ports].toSorted(([a], [b]) => a - b);
  const networkList = networks?.map(
    ({ address, prefixBits, ends }) => `${[...address].join('.')}/${prefixBits}:${ends}`,
  );
  return JSON.stringify([
    kindsMask,
    opsMask?.toString(16),
    sampleThreshold,
    portList,
    networkList?.toSorted(),
  ]);
}

function planParts(plan: Plan): PlanParts {
  const parts: PlanParts = {
    kinds: SELECTED_KINDS,
    ops: ALL_OPS,
    threshold: WHOLE_SAMPLE,
    port: undefined,
    address: undefined,
  };
  for (const filter of plan) narrow(parts, filter);
  // Ops are asked of op events only: a plan without op events lets none of them through, and one without ops no op event.
  if (parts.ops === 0n) parts.kinds &= ~OP_KIND;
  if ((parts.kinds & OP_KIND) === 0) parts.ops = 0n;
  if (parts.threshold === 0) parts.kinds = 0;
  return parts;
}

function narrow(parts: PlanParts, filter: PlanFilter): void {
  switch (filter.type) {
    case 'op':
      parts.kinds &= OP_KIND;
      parts.ops &= opBits(filter.ops);
      break;
    case 'kind':
      parts.kinds &= filter.kinds.reduce((mask, kind) => mask | (1 << kind), 0);
      break;
    case 'flags':
      parts.kinds &= OP_KIND;
      break;
    case 'state':
      parts.kinds &= STATE_KINDS;
      break;
    case 'sample':
      parts.threshold = Math.min(parts.threshold, filter.threshold);
      break;
    // Of several in one plan the program takes the one with the fewest entries; an event that passes all passes it.
    case 'port':
      if (parts.port === undefined || filter.ports.length < parts.port.ports.length) {
        parts.port = filter;
      }
      break;
    case 'address':
      if (parts.address === undefined || filter.networks.length < parts.address.networks.length) {
        parts.address = filter;
      }
      break;
    case 'connection':
    case 'time':
    case 'where':
      break;
  }
}

function opBits(ops: readonly number[]): bigint {
  return ops.reduce(
    (mask, op) => mask | (1n << BigInt(op <= LARGEST_OP_BIT ? op : OP_UNKNOWN_BIT)),
    0n,
  );
}

function portEnds(filters: readonly (PortFilter | undefined)[]): Map<number, number> | undefined {
  const ends = new Map<number, number>();
  for (const filter of filters) {
    if (filter === undefined) return undefined;
    for (const port of filter.ports) {
      ends.set(port, (ends.get(port) ?? 0) | END_BITS[filter.end]);
    }
  }
  return ends;
}

function unitedNetworks(
  filters: readonly (AddressFilter | undefined)[],
): readonly NetworkEnds[] | undefined {
  const given: { readonly filter: AddressFilter; readonly ends: number }[] = [];
  for (const filter of filters) {
    if (filter === undefined) return undefined;
    given.push({ filter, ends: END_BITS[filter.end] });
  }
  const networks = given.flatMap(({ filter, ends }) =>
    filter.networks.map((network) => ({ network, ends })),
  );
  return networks.length > MAX_NETWORKS ? undefined : networkEnds(networks);
}
