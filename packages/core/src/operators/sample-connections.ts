import type { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import { applyFilter } from './apply-filter.ts';
import { optionError } from './check-option.ts';

const SAMPLE_VALUES = 2 ** 24;

/**
 * Keeps about `ratio` (0 to 1) of the connections, whole: by bits 8-31 of the lane key, so the same ones in every run and lane, and a larger ratio keeps all that a smaller one does.
 */
export function sampleConnections(
  ratio: number,
): <E extends EventView>(source: Observable<Batch<E>>) => Observable<Batch<E>> {
  if (typeof ratio !== 'number' || !(ratio >= 0 && ratio <= 1)) {
    throw optionError('sampleConnections', 'ratio', 'a number from 0 to 1', ratio);
  }
  const threshold = Math.round(ratio * SAMPLE_VALUES);
  return <E extends EventView>(source: Observable<Batch<E>>) =>
    applyFilter<E, E>({ type: 'sample', threshold, ratio })(source);
}
