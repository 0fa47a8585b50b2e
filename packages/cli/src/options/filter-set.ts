import type { ConnectionEnd, FlagTest } from '@sockflow/core';

/** Ports that an end of the connection must have one of. */
export interface PortTest {
  readonly end: ConnectionEnd;
  readonly ports: readonly number[];
}

/** Networks (`10.0.0.0/8`) that an end's address must lie in one of. */
export interface NetworkTest {
  readonly end: ConnectionEnd;
  readonly networks: readonly string[];
}

/** One connection; what is not named may be anything. */
export interface ConnectionTest {
  readonly originId?: string;
  readonly netnsCookie?: bigint;
  readonly cookie: bigint;
}

/** Events in [startNs, endNs), boot time. */
export interface TimeTest {
  readonly startNs?: bigint;
  readonly endNs?: bigint;
}

/** What the filter options ask for, as data that crosses threads; all of it must hold. */
export interface FilterSet {
  readonly kinds?: readonly number[];
  readonly ops?: readonly number[];
  readonly cbFlags?: FlagTest;
  readonly tcpFlags?: FlagTest;
  readonly ecnFlags?: FlagTest;
  readonly states?: readonly number[];
  readonly ports: readonly PortTest[];
  readonly networks: readonly NetworkTest[];
  readonly connection?: ConnectionTest;
  readonly time?: TimeTest;
  readonly sampleRatio?: number;
}
