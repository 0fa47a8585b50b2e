import type { FamilyName } from '../../schema/family.ts';
import type { NameOf } from '../../schema/names.ts';
import type { RoleName } from '../../schema/role.ts';

/**
 * Why a record was emitted.
 *
 *   closed    the connection closed: STATE_CB to CLOSE
 *   idle      no event of it for `idleMs`
 *   evicted   it was the least recently active one when `maxConnections` were known and another came
 *   open      the source ended and it was still there
 *   interval  not the end: `everyMs` had passed and something had changed
 */
export type ConnectionEnding = 'closed' | 'idle' | 'evicted' | 'open' | 'interval';

/** What `scanConnections` emits: a connection, what was made of its events, and why now. */
export interface ConnectionRecord<S> {
  readonly originId: string;
  readonly netnsCookie?: bigint;
  readonly cookie: bigint;
  readonly family: NameOf<FamilyName>;
  readonly localAddress?: string;
  readonly localPort: number;
  readonly remoteAddress?: string;
  readonly remotePort: number;
  /** Which end called connect or listen; not there where nothing told. */
  readonly role?: NameOf<RoleName>;
  readonly end: ConnectionEnding;
  /** Event time of its first and last event, ns since boot. */
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly durationUs: number;
  /** Events that reached the operator. */
  readonly events: number;
  readonly state: S;
}
