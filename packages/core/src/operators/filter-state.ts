import type { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import type { TcpState } from '../schema/tcp-state.ts';
import { applyFilter } from './apply-filter.ts';
import { checkNumbers } from './check-option.ts';

/** Keeps op events and snapshots whose socket is in one of these states. In STATE_CB the state is still the old one. */
export function filterState(
  ...states: readonly (TcpState | (number & {}))[]
): <E extends EventView>(source: Observable<Batch<E>>) => Observable<Batch<E>> {
  checkNumbers('filterState', 'states', states, 0, 255);
  return <E extends EventView>(source: Observable<Batch<E>>) =>
    applyFilter<E, E>({ type: 'state', states })(source);
}
