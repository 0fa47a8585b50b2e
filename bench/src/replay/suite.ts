import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { generateRecording } from '@sockflow/source-replay/generate';

import type { CaseResult } from '../harness/case-result.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { pace } from './pace.ts';

/** 56,000 events in 36 s. */
const GENERATED = { connections: 3000, seed: 3 } as const;
const FOLDER_BYTES = 2 ** 25;
const DURATION_MS = 8000;

/** How a replay at a pace keeps it: on a machine that does nothing else, and on one whose cores are all busy. */
export async function replaySuite(
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const durationMs = options.inputBytes < 2 ** 28 ? DURATION_MS / 4 : DURATION_MS;
  await withOutputFolder(FOLDER_BYTES, async (folder) => {
    const path = join(folder, 'paced.sfrec');
    await generateRecording(path, GENERATED);
    for (const lanes of [1, 2]) {
      for (const busyThreads of [0, availableParallelism()]) {
        const name = `${lanes}-lane${lanes > 1 ? 's' : ''}${busyThreads > 0 ? '-busy' : ''}`;
        await pace({ name, path, speed: 1, lanes, busyThreads, durationMs }, report);
      }
    }
  });
}
