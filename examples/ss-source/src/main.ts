import { lastValueFrom, toArray } from 'rxjs';
import { type EventObject, fromSource, toObjects } from 'sockflow';

import { ss } from './ss-source.js';

/** Three looks at the machine's connections, and what has become of each meanwhile. */
const looks = fromSource(ss({ everyMs: 500, looks: 3 })).pipe(toObjects(), toArray());

function tell(snapshots: readonly EventObject[]): object {
  const [first, last] = [snapshots[0], snapshots.at(-1)];
  return {
    local: `${last?.localAddress} ${last?.localPort}`,
    remote: `${last?.remoteAddress} ${last?.remotePort}`,
    state: last?.state,
    looks: snapshots.length,
    srttUs: last?.srttUs,
    retransmits: last?.totalRetrans,
    acked: (last?.bytesAcked ?? 0) - (first?.bytesAcked ?? 0),
  };
}

try {
  const connections = new Map<unknown, EventObject[]>();
  for (const snapshot of await lastValueFrom(looks)) {
    const own = connections.get(snapshot.cookie) ?? [];
    connections.set(snapshot.cookie, [...own, snapshot]);
  }
  console.table([...connections.values()].map(tell));
} catch (error) {
  const { message, remedy = '' } = error as Error & { remedy?: string };
  console.log(`skipped: ${message}. ${remedy}`);
}
