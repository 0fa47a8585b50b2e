import type { Pass } from '@sockflow/benchmark';
import { lastValueFrom, type Observable, toArray } from 'rxjs';
import { run } from 'sockflow';

import type { LaneCount } from './count-survivors.pipeline.ts';

/** A pass, and in how many lanes it was taken: by what the lanes said themselves. */
export interface LanesPass extends Pass {
  readonly lanes: number;
}

/** A recording read, checked, filtered and counted in so many lanes: from when all lanes were ready to open it, or the first batch where one came before, to the last one's end. Threads that start and modules that load are not what lanes are for. */
export async function lanesPass(recording: string, lanes: number): Promise<LanesPass> {
  const handle = run(new URL('./count-survivors.pipeline.js', import.meta.url), {
    lanes,
    views: 'reused',
    params: { recording },
  });
  const emitted = lastValueFrom((handle.results as Observable<LaneCount>).pipe(toArray()));
  await handle.done;
  const counts = await emitted;
  const readyNs = counts.map((count) => count.readyNs).reduce((a, b) => (a > b ? a : b));
  const firstNs = counts.map((count) => count.firstNs).reduce((a, b) => (a < b ? a : b));
  const startNs = readyNs < firstNs ? readyNs : firstNs;
  const endNs = counts.map((count) => count.endNs).reduce((a, b) => (a > b ? a : b));
  const count = counts.reduce((sum, lane) => sum + lane.count, 0);
  const checksum = counts.reduce((sum, lane) => (sum + lane.checksum) % 2 ** 32, 0);
  return { ns: Number(endNs - startNs), answer: `${count} ${checksum}`, lanes: counts.length };
}
