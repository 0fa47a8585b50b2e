import { type EventObject, fromSource, type SlotSpan } from '@sockflow/core';
import { concatMap, count, from, lastValueFrom, type Observable, reduce } from 'rxjs';

import { ANY_CB, OPS } from '../../../harness/bench-filter.ts';
import { memorySource } from '../../../harness/memory-source.ts';
import { naiveSurvivors } from '../../../pipeline/naive.ts';
import type { Encode, Found } from '../peer.ts';

/** Our slots as plain objects, every object through RxJS by itself. */
export const encode: Encode = ({ spans, slotBytes }) => ({
  bytes: slotBytes,
  'five-fields': () => lastValueFrom(objects(spans).pipe(reduce(addFiveFields, NONE))),
  filter: async () => ({
    count: await lastValueFrom(naiveSurvivors(spans, OPS, ANY_CB).pipe(count())),
    checksum: 0,
  }),
});

const NONE: Found = { count: 0, checksum: 0 };

function objects(spans: readonly SlotSpan[]): Observable<EventObject> {
  return fromSource(memorySource(spans), { views: 'reused' }).pipe(
    concatMap((batch) => from(batch.toObjects())),
  );
}

function addFiveFields({ count: before, checksum }: Found, event: EventObject): Found {
  if (event.kind !== 'OP') return { count: before, checksum };
  const after = before + 1;
  const { srttUs } = event;
  if (srttUs === undefined) return { count: after, checksum };
  const more = (event.sndCwnd ?? 0) + (event.totalRetrans ?? 0) + (event.bytesAcked ?? 0);
  return { count: after, checksum: (checksum + srttUs + more + event.localPort) >>> 0 };
}
