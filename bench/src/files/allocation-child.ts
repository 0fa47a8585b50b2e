import { join } from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';

import { file, writeTo } from '@sockflow/sinks';
import { fromReplay } from '@sockflow/source-replay';

import { CACHE_DIR } from '../harness/paths.ts';

/*
 * Copies a recording again and again and prints how many bytes of heap an event costs, as JSON. Run with --expose-gc and a new space of fixed size: a pass in which a collection
 * ran says nothing and is not counted.
 */
const path = process.argv[2]!;
const PASSES = 7;
const WARM_PASSES = 2;
/* Entries of the observer come some time after the collection. */
const SETTLE_MS = 100;

let collections = 0;
new PerformanceObserver((list) => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ['gc'] });

const measured: number[] = [];
for (let pass = 0; pass < WARM_PASSES + PASSES; pass++) {
  globalThis.gc?.();
  await setTimeout(SETTLE_MS);
  const collectionsBefore = collections;
  const before = process.memoryUsage().heapUsed;
  const { given } = await writeTo(
    fromReplay(path, { views: 'reused' }),
    file(join(CACHE_DIR, 'out', 'allocation.sfrec')),
  );
  const used = process.memoryUsage().heapUsed - before;
  await setTimeout(SETTLE_MS);
  if (pass >= WARM_PASSES && collections === collectionsBefore) measured.push(used / given);
}
if (measured.length === 0)
  throw new Error('every pass was interrupted by a garbage collection: allocation is not near 0');
measured.sort((a, b) => a - b);
process.stdout.write(
  JSON.stringify({
    bytesPerEvent: measured[measured.length >> 1],
    lowest: measured[0],
    highest: measured.at(-1),
    passes: measured.length,
  }),
);
