import type { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import type { Op } from '../schema/op.ts';
import { applyFilter } from './apply-filter.ts';
import { checkNumbers } from './check-option.ts';
import type { NarrowOp } from './narrow.ts';

/** Keeps the events of these ops; the views then have what those ops have. Other kinds of slots do not pass: see `filterKind`. */
export function filterOp<const O extends readonly (Op | (number & {}))[]>(
  ...ops: O
): <E extends EventView>(
  source: Observable<Batch<E>>,
) => Observable<Batch<NarrowOp<E, O[number]>>> {
  checkNumbers('filterOp', 'ops', ops, 0, 255);
  return applyFilter({ type: 'op', ops });
}
