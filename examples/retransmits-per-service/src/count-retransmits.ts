import { concatMap, type Observable } from 'rxjs';
import { type Batch, type Op, type OpViews, Role } from 'sockflow';

import type { ServiceTable } from './service-table.ts';

type Retransmit = OpViews[typeof Op.RETRANS_CB];

/** What some of the retransmits of a service in a minute add up to; all such counts of it added up are the minute. */
export interface ServiceCount {
  readonly service: string;
  /** When the minute began, by the clock of the host that sent again; absent where that is not known. */
  readonly minute?: string;
  readonly segments: number;
  /** Events they came in. */
  readonly events: number;
}

const NS_PER_MINUTE = 60_000_000_000n;
const NS_PER_MS = 1_000_000n;
const OTHER = 'other';

/**
 * Counts of each batch, by service and minute. They are given before the batch is over, and nothing is kept until the next one: so what the group commits has been counted, and a process that dies takes
 * no half counted minute with it.
 */
export function countRetransmits(
  services: ServiceTable,
): (batches: Observable<Batch<Retransmit>>) => Observable<ServiceCount> {
  return (batches) => batches.pipe(concatMap((batch) => countsOf(batch, services)));
}

function countsOf(batch: Batch<Retransmit>, services: ServiceTable): ServiceCount[] {
  const counts = new Map<string, ServiceCount>();
  for (const event of batch) {
    const service = serviceOf(event, services);
    const minute = minuteOf(event.wallNs);
    const key = `${service} ${minute ?? ''}`;
    const count = counts.get(key);
    counts.set(key, {
      service,
      ...(minute === undefined ? {} : { minute }),
      segments: (count?.segments ?? 0) + event.retransSegs,
      events: (count?.events ?? 0) + 1,
    });
  }
  return [...counts.values()];
}

/** By the end that serves. Of a connection that was there before the agent nobody saw which that is: then it is the end that the table knows. */
function serviceOf(event: Retransmit, services: ServiceTable): string {
  const { role, localAddress, localPort, remoteAddress, remotePort } = event;
  const local = role === Role.CLIENT ? undefined : services.find(localAddress, localPort);
  const remote = role === Role.SERVER ? undefined : services.find(remoteAddress, remotePort);
  return local ?? remote ?? OTHER;
}

function minuteOf(wallNs: bigint | undefined): string | undefined {
  if (wallNs === undefined) return undefined;
  const startNs = wallNs - (wallNs % NS_PER_MINUTE);
  return new Date(Number(startNs / NS_PER_MS)).toISOString();
}
