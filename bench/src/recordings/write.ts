import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { generateRecording } from '@sockflow/source-replay/generate';

import { timesOf } from '../files/times-of.ts';
import type { CaseResult } from '../harness/case-result.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { paired, type Pass, timed, timedAsync } from '../harness/paired.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { type HeldSlots, writeSlots } from './held-slots.ts';
import { copyWithDd, DD_BLOCK } from './own-tool.ts';

const SEED = 1;
/* What is written: of the held slots so many times. */
const PASSES = 4;
const FILES_AT_ONCE = 3;
/* Generating is slower by far: fewer pairs say enough. */
const MOST_ROUNDS = 5;

/**
 *   slots in memory ─► RecordingWriter ─► fresh file      a recording of the same slots ─► dd ─► fresh file
 *
 * Both files lie in one folder, in memory where there is room, else in the page cache; neither side waits for a disk (no fsync).
 */
export async function writing(held: HeldSlots, options: SuiteOptions): Promise<CaseResult> {
  return withOutputFolder(held.bytes * PASSES * FILES_AT_ONCE, (folder) => {
    const [from, ours, theirs] = namesIn(folder);
    writeSlots(held, from, PASSES);
    return paired({
      id: 'recordings/write',
      units: held.events * PASSES,
      unit: 'events/s',
      baseline: `dd bs=${DD_BLOCK} of the same`,
      budget: 0.5,
      rounds: options.rounds,
      ours: () => {
        rmSync(ours, { force: true });
        return answered(
          timed(() => String(writeSlots(held, ours, PASSES))),
          ours,
        );
      },
      theirs: () => copied(from, theirs),
    });
  });
}

/** What `gen` does, against dd of what it made. */
export async function generating(sizeBytes: number, options: SuiteOptions): Promise<CaseResult> {
  return withOutputFolder(sizeBytes * FILES_AT_ONCE, async (folder) => {
    const [from, ours, theirs] = namesIn(folder);
    await generateRecording(from, { sizeBytes, seed: SEED });
    const { count } = await timesOf(from);
    return paired({
      id: 'recordings/generate',
      units: count,
      unit: 'events/s',
      baseline: `dd bs=${DD_BLOCK} of the same`,
      budget: undefined,
      rounds: Math.min(options.rounds, MOST_ROUNDS),
      ours: async () => {
        rmSync(ours, { force: true });
        const pass = await timedAsync(async () => {
          await generateRecording(ours, { sizeBytes, seed: SEED });
          return '';
        });
        return answered(pass, ours);
      },
      theirs: () => copied(from, theirs),
    });
  });
}

function namesIn(folder: string): [string, string, string] {
  return [join(folder, 'from.sfrec'), join(folder, 'ours.sfrec'), join(folder, 'theirs.sfrec')];
}

async function copied(from: string, to: string): Promise<Pass> {
  rmSync(to, { force: true });
  return answered({ ns: copyWithDd(from, to), answer: '' }, to);
}

/** The answer is what lies in the file that was written, read again outside the time. */
async function answered({ ns }: Pass, path: string): Promise<Pass> {
  const { count, checksum } = await timesOf(path);
  return { ns, answer: `${count} ${checksum}` };
}
