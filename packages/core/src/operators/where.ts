import type { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { PlanFilter } from '../contracts/filter.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import { applyFilter } from './apply-filter.ts';
import { optionError } from './check-option.ts';

/** Keeps the events for which `test` is true. It is called inside the fused loop with a view that is valid for that call only. */
export function where<E extends EventView>(
  test: (event: E) => boolean,
): (source: Observable<Batch<E>>) => Observable<Batch<E>> {
  if (typeof test !== 'function') throw optionError('where', 'test', 'a function', test);
  const filter: PlanFilter = { type: 'where', test: test as (event: EventView) => boolean };
  return applyFilter(filter);
}
