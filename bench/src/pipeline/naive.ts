import { type Batch, CbFlag, type EventObject, fromSource, OP_NAMES } from '@sockflow/core';
import type { SlotSpan } from '@sockflow/core';
import { concatMap, filter, from, type Observable } from 'rxjs';

import { memorySource } from '../harness/memory-source.ts';

function hasAny(event: EventObject, names: ReadonlySet<string>): boolean {
  return event.cbFlags !== undefined && event.cbFlags.split('|').some((name) => names.has(name));
}

/** The way without batches: every event a plain object, every object through RxJS by itself. */
export function naiveSurvivors(
  spans: readonly SlotSpan[],
  ops: readonly number[],
  any: number,
): Observable<EventObject> {
  const opNames = new Set(ops.map((op) => OP_NAMES[op]));
  const flagNames = new Set(
    Object.entries(CbFlag)
      .filter(([, bit]) => (bit & any) !== 0)
      .map(([name]) => name),
  );
  return fromSource(memorySource(spans), { views: 'reused' }).pipe(
    concatMap((batch: Batch) => from(batch.toObjects())),
    filter((event) => opNames.has(event.op)),
    filter((event) => hasAny(event, flagNames)),
  );
}
