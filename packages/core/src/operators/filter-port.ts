import type { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { ConnectionEnd } from '../contracts/filter.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import { applyFilter } from './apply-filter.ts';
import { checkNumbers, optionError } from './check-option.ts';

/** Which end to compare. */
export interface ConnectionEndOptions {
  /** Default `either`. */
  readonly end?: ConnectionEnd;
}

const ENDS: ReadonlySet<unknown> = new Set(['either', 'local', 'remote']);

/** @throws ERR_SOCKFLOW_INVALID_OPTION unless it is an end. */
export function checkEnd(operator: string, end: unknown): void {
  if (!ENDS.has(end)) throw optionError(operator, 'end', 'either, local or remote', end);
}

/** Keeps events of connections with one of these ports. */
export function filterPort(
  ports: number | readonly number[],
  options: ConnectionEndOptions = {},
): <E extends EventView>(source: Observable<Batch<E>>) => Observable<Batch<E>> {
  const list = typeof ports === 'number' ? [ports] : [...ports];
  const { end = 'either' } = options;
  checkNumbers('filterPort', 'ports', list, 0, 65535);
  checkEnd('filterPort', end);
  return <E extends EventView>(source: Observable<Batch<E>>) =>
    applyFilter<E, E>({ type: 'port', end, ports: list })(source);
}
