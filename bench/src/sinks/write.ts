import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { type Baseline, compareSides, type Pass, timed, timedAsync } from '@sockflow/benchmark';
import { generateRecording } from '@sockflow/source-replay/generate';

import type { BenchCase } from '../harness/bench-case.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { heldBytes, heldSlots, writeSlots } from './held-slots.ts';
import { copyWithDd, DD_BLOCK } from './own-tool.ts';
import { timesOf } from './times-of.ts';

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
export const writeCase: BenchCase = {
  suite: 'sinks',
  name: 'write',
  says: 'slots in memory to a recording, against dd of the same bytes',
  async run(bench) {
    const held = await heldSlots(bench);
    await withOutputFolder(held.bytes * PASSES * FILES_AT_ONCE, async (folder) => {
      const [from, ours, theirs] = namesIn(folder);
      writeSlots(held, from, PASSES);
      const { results } = await compareSides({
        id: 'sinks/generated/write',
        reads: 'slots copied and counted; CRC, index',
        units: held.events * PASSES,
        unit: 'events/s',
        rounds: bench.rounds,
        ours: () => {
          rmSync(ours, { force: true });
          return answered(
            timed(() => String(writeSlots(held, ours, PASSES))),
            ours,
          );
        },
        baselines: [{ ...withDd(from, theirs), budget: 0.5 }],
      });
      for (const result of results) bench.result(result);
    });
  },
};

/** What `gen` does, against dd of what it made: how much no generator could save. */
export const generateCase: BenchCase = {
  suite: 'sinks',
  name: 'generate',
  says: 'a recording made up, against dd of what was made',
  async run(bench) {
    const sizeBytes = heldBytes(bench);
    await withOutputFolder(sizeBytes * FILES_AT_ONCE, async (folder) => {
      const [from, ours, theirs] = namesIn(folder);
      await generateRecording(from, { sizeBytes, seed: SEED });
      const { results } = await compareSides({
        id: 'sinks/generated/generate',
        reads: 'nothing: events are made up, and written',
        units: (await timesOf(from)).count,
        unit: 'events/s',
        rounds: Math.min(bench.rounds, MOST_ROUNDS),
        ours: async () => {
          rmSync(ours, { force: true });
          const pass = await timedAsync(async () => {
            await generateRecording(ours, { sizeBytes, seed: SEED });
            return '';
          });
          return answered(pass, ours);
        },
        baselines: [withDd(from, theirs)],
      });
      for (const result of results) bench.result(result);
    });
  },
};

function withDd(from: string, to: string): Baseline {
  return {
    name: 'dd',
    title: `dd bs=${DD_BLOCK} of the same`,
    kind: 'peer',
    run: () => copied(from, to),
  };
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
