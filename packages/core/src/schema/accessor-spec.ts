/**
 * How an accessor reads its value. `word` reads the u32 at `offset` of the slot.
 *
 *   number    (word >>> shift) & mask, as a number; `none` is the raw value that means absent, `signed` reads an i32
 *   safe      a u64 as a number, exact to 2^53
 *   bigint    a u64 as a bigint, allocates
 *   port      a u16 in network byte order
 *   boolean   one bit
 *   address   text of an address, allocates; v4-mapped ones as IPv4
 *   comm      16 zero-padded characters, allocates
 *   words     `count` u32 as a list, allocates
 *   special   written by hand, by the accessor's name: SPECIAL in generate/view-class.ts
 */
export type AccessorRead =
  | {
      readonly how: 'number';
      readonly offset: number;
      readonly shift?: number;
      readonly mask?: number;
      readonly none?: number;
      readonly signed?: true;
    }
  | { readonly how: 'safe' | 'bigint' | 'port' | 'comm'; readonly offset: number }
  | { readonly how: 'boolean'; readonly offset: number; readonly shift: number }
  | { readonly how: 'address'; readonly end: 'local' | 'remote' }
  | { readonly how: 'words'; readonly offset: number; readonly count: number }
  | { readonly how: 'special'; readonly type: 'number' | 'bigint' | 'string' };

/**
 * How a value stands in objects and JSON: as it is (`same`; a bigint as a decimal string in JSON), as a name from a table, or as it is but only where the op is one that this
 * version does not know (`unknownOps`): a known op's arguments stand there by their names.
 */
export type ObjectForm =
  | 'same'
  | 'op'
  | 'kind'
  | 'state'
  | 'family'
  | 'role'
  | 'cbFlags'
  | 'tcpFlags'
  | 'ecnFlags'
  | 'unknownOps';

/** One accessor of a view. */
export interface AccessorSpec {
  readonly name: string;
  /** The field whose presence bit decides; none: always there. */
  readonly field?: string;
  /** Ops that have it; none: all. */
  readonly ops?: readonly number[];
  /** Kinds that have it; none: op events and snapshots. */
  readonly kind?: number;
  readonly read: AccessorRead;
  /** Its place in objects and JSON; none: only in views. */
  readonly object?: ObjectForm;
  readonly doc: string;
}
