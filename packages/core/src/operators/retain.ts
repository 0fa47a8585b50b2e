import { map, type Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { EventView } from '../schema/generated/view-types.ts';

/** Copies the selected slots of each batch, so that later operators may hold it (`delay`, `bufferTime`, `observeOn`). */
export function retain(): <E extends EventView>(
  source: Observable<Batch<E>>,
) => Observable<Batch<E>> {
  return <E extends EventView>(source: Observable<Batch<E>>) =>
    source.pipe(map((batch) => batch.retain()));
}
