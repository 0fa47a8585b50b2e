import { execFileSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { generateRecording } from '@sockflow/source-replay/generate';

import type { CaseResult } from '../harness/case-result.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { paired, timedAsync } from '../harness/paired.ts';
import type { SuiteOptions } from '../harness/suite.ts';

const SEED = 1;
/* The recording that dd copies, ours, dd's. */
const FILES_AT_ONCE = 3;

/** Making a recording against dd writing the same bytes: how much of the time is making them up, and how much no generator could save. */
export async function generation(
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  await withOutputFolder(options.inputBytes * FILES_AT_ONCE, async (folder) => {
    const made = join(folder, 'made.sfrec');
    const what = { sizeBytes: options.inputBytes, seed: SEED };
    const { events } = await generateRecording(made, what);
    const ours = join(folder, 'ours.sfrec');
    const theirs = join(folder, 'theirs.sfrec');
    report(
      await paired({
        id: 'files/generated/generation',
        units: events,
        unit: 'events/s',
        baseline: 'dd: the same bytes, 1 MiB at a time',
        budget: undefined,
        rounds: options.rounds,
        ours: () => {
          rmSync(ours, { force: true });
          return timedAsync(async () => {
            await generateRecording(ours, what);
            return sizeOf(ours);
          });
        },
        theirs: () => {
          rmSync(theirs, { force: true });
          return timedAsync(async () => {
            execFileSync('dd', [`if=${made}`, `of=${theirs}`, 'bs=1M', 'status=none']);
            return sizeOf(theirs);
          });
        },
      }),
    );
  });
}

function sizeOf(path: string): string {
  return `${statSync(path).size} bytes`;
}
