import type { Origin } from '@sockflow/core';

import type { TextTable } from '../bytes/text-table.ts';

/** What events need of their origin, made once for it. */
export interface OriginText {
  readonly origin: Origin;
  /** One text: the field `originId` as the encoding writes it. */
  readonly id: TextTable;
  /** 0 where the HZ is not known. */
  readonly hz: number;
  readonly hasClock: boolean;
  /** Wall clock minus boot time, ns, as halves: `high` may be negative, `low` may not. */
  readonly wallLow: number;
  readonly wallHigh: number;
}

/** Works out what events need of an origin. */
export function originText(origin: Origin, id: TextTable): OriginText {
  const { clock } = origin;
  const wallNs = clock === undefined ? 0n : clock.realtimeNs - clock.bootNs;
  return {
    origin,
    id,
    hz: origin.hz ?? 0,
    hasClock: clock !== undefined,
    wallLow: Number(BigInt.asUintN(32, wallNs)),
    wallHigh: Number(wallNs >> 32n),
  };
}
