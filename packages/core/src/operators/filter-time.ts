import type { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import { applyFilter } from './apply-filter.ts';
import { optionError } from './check-option.ts';

/** A span of boot time, ns; end exclusive. What is left out is not bounded. */
export interface TimeSpan {
  readonly startNs?: bigint;
  readonly endNs?: bigint;
}

const MAX_U64 = 2n ** 64n - 1n;

function checkTime(option: string, value: bigint | undefined): void {
  if (value === undefined) return;
  if (typeof value !== 'bigint' || value < 0n || value > MAX_U64) {
    throw optionError('filterTime', option, 'ns since boot as a bigint', value);
  }
}

/** Keeps the events of [startNs, endNs), boot time of their origin. */
export function filterTime(
  span: TimeSpan,
): <E extends EventView>(source: Observable<Batch<E>>) => Observable<Batch<E>> {
  const { startNs, endNs } = span;
  checkTime('startNs', startNs);
  checkTime('endNs', endNs);
  if (startNs === undefined && endNs === undefined) {
    throw optionError('filterTime', 'span', 'startNs, endNs or both', span);
  }
  return <E extends EventView>(source: Observable<Batch<E>>) =>
    applyFilter<E, E>({ type: 'time', startNs, endNs })(source);
}
