import type { EventView } from '../schema/generated/view-types.ts';

/** Which end of the connection a port or address is compared with. */
export type ConnectionEnd = 'either' | 'local' | 'remote';
/** A network: `words` as in the slot (network byte order, little-endian words), masked; IPv4 ones are v4-mapped and `prefixBits` counts from 128. */
export interface Network {
  readonly text: string;
  readonly words: readonly [number, number, number, number];
  readonly prefixBits: number;
}

/** Flags compared: at least one of `any`, all of `all`, none of `none`; a part that is 0 asks nothing. */
export interface FlagTest {
  readonly any: number;
  readonly all: number;
  readonly none: number;
}

/**
 * One filter of a plan, as data: what can be fused, pushed down and explained. What an event does not have, no filter matches (`none` of flags included).
 *
 *   filter       matches                              absent
 *   -----------  -----------------------------------  -----------------------------------------------------------------
 *   op           op events                            never: other kinds have no op, their 0 is not VOID
 *   flags        op events                            cb, ecn: request sockets, ops 16-20; tcp: no segment, ops 16-18
 *   state        op events, snapshots                 never
 *   kind         what is selected: 1, 2, 3            never; markers are not selected
 *   port, address, connection, sample, time           address: neither family, or not captured
 *                every kind that is selected
 *   where        what passed the filters before it    -
 *
 * Addresses are compared in one form: an AF_INET event's ip4 as ::ffff:a.b.c.d, an AF_INET6 event's ip6 as it is.
 */
export type PlanFilter =
  | { readonly type: 'op'; readonly ops: readonly number[] }
  | { readonly type: 'kind'; readonly kinds: readonly number[] }
  | ({ readonly type: 'flags'; readonly field: 'cb' | 'tcp' | 'ecn' } & FlagTest)
  | { readonly type: 'state'; readonly states: readonly number[] }
  | { readonly type: 'port'; readonly end: ConnectionEnd; readonly ports: readonly number[] }
  | { readonly type: 'address'; readonly end: ConnectionEnd; readonly networks: readonly Network[] }
  | {
      readonly type: 'connection';
      readonly originId: string | undefined;
      readonly netnsCookie: bigint | undefined;
      readonly cookie: bigint;
    }
  /** Keeps connections whose lane key's bits 8-31 are below `threshold` (0 to 2^24). */
  | { readonly type: 'sample'; readonly threshold: number; readonly ratio: number }
  /** Keeps events in [startNs, endNs), boot time. */
  | {
      readonly type: 'time';
      readonly startNs: bigint | undefined;
      readonly endNs: bigint | undefined;
    }
  | { readonly type: 'where'; readonly test: (event: EventView) => boolean };

/** Adjacent filters, in order, all of which an event must pass. */
export type Plan = readonly PlanFilter[];
