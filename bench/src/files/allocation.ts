import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { CaseResult } from '../harness/case-result.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import type { RecordingInput } from '../harness/recording-input.ts';

/* A new space too large to be collected while it is measured: what is on the heap afterwards and was not before was allocated in between. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];
const PROGRAM = fileURLToPath(new URL('./allocation-child.js', import.meta.url));

/** Bytes of heap allocated per event from a recording to a raw file, all events surviving, in a process of its own. */
export function allocation(input: RecordingInput): Promise<CaseResult> {
  return withOutputFolder(input.bytes * 2, (folder) => Promise.resolve(measure(input, folder)));
}

function measure(input: RecordingInput, folder: string): CaseResult {
  const child = spawnSync(process.execPath, [...FLAGS, PROGRAM, input.path, folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error('the process that measures allocation failed');
  const { bytesPerEvent, lowest, highest } = JSON.parse(child.stdout) as {
    bytesPerEvent: number;
    lowest: number;
    highest: number;
  };
  return {
    id: `files/${input.name}/allocation`,
    value: bytesPerEvent,
    unit: 'B/event',
    baseline: undefined,
    ratio: undefined,
    spread: [lowest, highest],
    budget: 0,
    // The smallest object takes 12 bytes: below 1 no event costs any, and what there is is spent once a block.
    pass: bytesPerEvent < 1,
  };
}
