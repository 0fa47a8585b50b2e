import type { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { Network } from '../contracts/filter.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import { applyFilter } from './apply-filter.ts';
import { optionError } from './check-option.ts';
import { checkEnd, type ConnectionEndOptions } from './filter-port.ts';
import { parseNetwork } from './parse-network.ts';

/**
 * Keeps events of connections with an address in one of these networks: `10.0.0.0/8`, `fd00::/8`, or an address alone. An IPv4 network matches v4-mapped addresses too, so
 * that both ends of a connection match alike.
 */
export function filterAddress(
  networks: string | Network | readonly (string | Network)[],
  options: ConnectionEndOptions = {},
): <E extends EventView>(source: Observable<Batch<E>>) => Observable<Batch<E>> {
  const given: readonly (string | Network)[] = Array.isArray(networks)
    ? (networks as readonly (string | Network)[])
    : [networks as string | Network];
  if (given.length === 0) {
    throw optionError('filterAddress', 'networks', 'at least one network', given);
  }
  const { end = 'either' } = options;
  checkEnd('filterAddress', end);
  const parsed = given.map((one) => (typeof one === 'string' ? parseNetwork(one) : one));
  return <E extends EventView>(source: Observable<Batch<E>>) =>
    applyFilter<E, E>({ type: 'address', end, networks: parsed })(source);
}
