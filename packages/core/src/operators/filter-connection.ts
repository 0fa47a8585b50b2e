import type { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import { applyFilter } from './apply-filter.ts';
import { optionError } from './check-option.ts';

/** Names a connection: its cookie, and as much of the rest as is needed to tell it from others with the same cookie. */
export interface ConnectionName {
  readonly cookie: bigint | number;
  readonly netnsCookie?: bigint | number;
  readonly originId?: string;
}

const MAX_U64 = 2n ** 64n - 1n;

function u64(option: string, value: bigint | number): bigint {
  const isFine = typeof value === 'bigint' || Number.isSafeInteger(value);
  const big = isFine ? BigInt(value) : -1n;
  if (big < 0n || big > MAX_U64) {
    throw optionError('filterConnection', option, 'a bigint or safe integer of 64 bits', value);
  }
  return big;
}

/** Keeps the events of one connection. */
export function filterConnection(
  name: ConnectionName,
): <E extends EventView>(source: Observable<Batch<E>>) => Observable<Batch<E>> {
  const cookie = u64('cookie', name.cookie);
  const netnsCookie =
    name.netnsCookie === undefined ? undefined : u64('netnsCookie', name.netnsCookie);
  const { originId } = name;
  return <E extends EventView>(source: Observable<Batch<E>>) =>
    applyFilter<E, E>({ type: 'connection', originId, netnsCookie, cookie })(source);
}
