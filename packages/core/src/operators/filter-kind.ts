import type { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { EventView, KindViews } from '../schema/generated/view-types.ts';
import { Kind } from '../schema/kind.ts';
import { applyFilter } from './apply-filter.ts';
import { optionError } from './check-option.ts';
import type { NarrowKind } from './narrow.ts';

const SELECTABLE: ReadonlySet<number> = new Set([Kind.OP, Kind.RTT_SUMMARY, Kind.SNAPSHOT]);

/** Keeps slots of these kinds. Markers are not selected by anything: they travel beside the selection. */
export function filterKind<const K extends readonly (keyof KindViews)[]>(
  ...kinds: K
): <E extends EventView>(
  source: Observable<Batch<E>>,
) => Observable<Batch<NarrowKind<E, K[number]>>> {
  const isFine = kinds.length > 0 && kinds.every((kind) => SELECTABLE.has(kind));
  if (!isFine) {
    throw optionError('filterKind', 'kinds', 'Kind.OP, Kind.RTT_SUMMARY or Kind.SNAPSHOT', kinds);
  }
  return applyFilter({ type: 'kind', kinds });
}
