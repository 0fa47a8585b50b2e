import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';

import { file, writeTo } from '@sockflow/sinks';
import { fromReplay, openRecording } from '@sockflow/source-replay';
import { tap } from 'rxjs';

/*
 * Copies a recording again and again and prints how many bytes of heap an event costs in steady state, as JSON: between a quarter and three quarters of the way, so that what opening and
 * closing cost is left out. Run with --expose-gc and a new space of fixed size: a pass in which a collection ran says nothing and is not counted.
 */
const path = process.argv[2]!;
const folder = process.argv[3]!;
const PASSES = 9;
const WARM_PASSES = 2;
/* Entries of the observer come some time after the collection. */
const SETTLE_MS = 100;

let collections = 0;
new PerformanceObserver((list) => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ['gc'] });

const { events } = openRecording(path);
const [from, to] = [events * 0.25, events * 0.75];
const measured: number[] = [];
for (let pass = 0; pass < WARM_PASSES + PASSES; pass++) {
  globalThis.gc?.();
  await setTimeout(SETTLE_MS);
  const collectionsBefore = collections;
  const bytesPerEvent = await copy();
  await setTimeout(SETTLE_MS);
  if (pass >= WARM_PASSES && collections === collectionsBefore) measured.push(bytesPerEvent);
}
if (measured.length === 0) {
  throw new Error('every pass was interrupted by a garbage collection: allocation is not near 0');
}
process.stdout.write(JSON.stringify({ bytesPerEvent: measured }));

async function copy(): Promise<number> {
  rmSync(join(folder, 'allocation.sfrec'), { force: true });
  let seen = 0;
  let start: { readonly heap: number; readonly seen: number } | undefined;
  let end: { readonly heap: number; readonly seen: number } | undefined;
  const batches = fromReplay(path, { views: 'reused' }).pipe(
    tap((batch) => {
      if (start === undefined && seen >= from)
        start = { heap: process.memoryUsage().heapUsed, seen };
      if (end === undefined && seen >= to) end = { heap: process.memoryUsage().heapUsed, seen };
      seen += batch.size;
    }),
  );
  const { acknowledged } = await writeTo(batches, file(join(folder, 'allocation.sfrec')));
  if (acknowledged !== events) throw new Error(`${acknowledged} of ${events} events written`);
  if (start === undefined || end === undefined)
    throw new Error('the recording is too small to measure');
  return (end.heap - start.heap) / (end.seen - start.seen);
}
