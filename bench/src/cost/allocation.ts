import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type CaseResult, figure } from '@sockflow/benchmark';

import type { BenchCase } from '../harness/bench-case.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { generatedRecording, type RecordingInput } from '../harness/recording-input.ts';
import { timesOf } from '../sinks/times-of.ts';

/* A new space too large to be collected while it is measured: what is on the heap afterwards and was not before was allocated in between. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];
const PROGRAM = fileURLToPath(new URL('./allocation-child.js', import.meta.url));

/* The smallest object takes 12 bytes: below 1 no event costs any, and what there is is spent once a block. */
const MOST_BYTES_PER_EVENT = 1;

/** Bytes of heap allocated per event from a recording to a raw file, all events surviving, in a process of its own. */
export const allocationCase: BenchCase = {
  suite: 'cost',
  name: 'allocation',
  says: 'heap allocated per event from a recording to a recording',
  async run(bench) {
    const input = await generatedRecording(bench);
    await withOutputFolder(input.bytes * 2, async (folder) => {
      const result = measure(input, folder);
      const [from, to] = [
        await timesOf(input.path),
        await timesOf(join(folder, 'allocation.sfrec')),
      ];
      if (from.count !== to.count || from.checksum !== to.checksum)
        throw new Error(`allocation: ${to.count} events of ${from.count} are in the copy`);
      bench.result(result);
    });
  },
};

function measure(input: RecordingInput, folder: string): CaseResult {
  const child = spawnSync(process.execPath, [...FLAGS, PROGRAM, input.path, folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error('the process that measures allocation failed');
  const { bytesPerEvent } = JSON.parse(child.stdout) as { readonly bytesPerEvent: number[] };
  return figure({
    id: `cost/${input.name}/allocation`,
    reads: 'blocks, CRC; slots copied to a recording',
    values: bytesPerEvent,
    unit: 'B/event',
    isLessBetter: true,
    budget: MOST_BYTES_PER_EVENT,
  });
}
