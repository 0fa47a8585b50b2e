import { type HeapProfiler, Session } from 'node:inspector';
import { basename } from 'node:path';

import type { Allocator } from './usage-work.ts';

const SAMPLE_EVERY_BYTES = 16_384;
const MOST = 5;
/* Two of them are newer than the types. */
const SAMPLING = {
  samplingInterval: SAMPLE_EVERY_BYTES,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
};

/** The functions that allocate most while `run` does, by V8's sampling heap profiler; what was collected meanwhile is in it. */
export async function allocatorsOf(run: () => Promise<void>): Promise<readonly Allocator[]> {
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.startSampling', SAMPLING);
  await run();
  const head = await new Promise<HeapProfiler.SamplingHeapProfileNode>((resolve, reject) => {
    session.post('HeapProfiler.stopSampling', (error, { profile }) =>
      error === null ? resolve(profile.head) : reject(error),
    );
  });
  session.disconnect();
  const bytesOf = new Map<string, number>();
  addSelf(head, bytesOf);
  const total = [...bytesOf.values()].reduce((sum, bytes) => sum + bytes, 0);
  return [...bytesOf]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST)
    .map(([name, bytes]) => ({ name, share: bytes / total }));
}

function addSelf(node: HeapProfiler.SamplingHeapProfileNode, bytesOf: Map<string, number>): void {
  const { functionName, url, lineNumber } = node.callFrame;
  const place = url === '' ? 'V8' : `${basename(url)}:${lineNumber + 1}`;
  const name = `${functionName === '' ? '(anonymous)' : functionName} (${place})`;
  if (node.selfSize > 0) bytesOf.set(name, (bytesOf.get(name) ?? 0) + node.selfSize);
  for (const child of node.children) addSelf(child, bytesOf);
}
