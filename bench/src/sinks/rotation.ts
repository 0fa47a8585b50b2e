import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { compareSides, type Pass, timedAsync } from '@sockflow/benchmark';
import { file, type FileOptions, writeTo } from '@sockflow/sinks';
import { fromReplay } from '@sockflow/source-replay';

import type { BenchCase } from '../harness/bench-case.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { generatedRecording } from '../harness/recording-input.ts';
import { timesOf } from './times-of.ts';

/* Sixteen parts: of 64 MiB where the input has 1 GiB. */
const PARTS = 16;

/** Recording to recording in parts, against the same in one file: what rotation costs. */
export const rotateCase: BenchCase = {
  suite: 'sinks',
  name: 'rotate',
  says: 'recording to recording in sixteen parts, against one file',
  async run(bench) {
    const input = await generatedRecording(bench);
    const rotateBytes = Math.round(input.bytes / PARTS);
    await withOutputFolder(input.bytes * 2, async (folder) => {
      const { results } = await compareSides({
        id: 'sinks/generated/rotate',
        reads: 'blocks, CRC; all copied, CRC',
        units: input.events,
        unit: 'events/s',
        rounds: bench.rounds,
        ours: () => write(input.path, join(folder, 'parts'), { rotateBytes }),
        baselines: [
          {
            name: 'one-file',
            title: 'the same to one file',
            kind: 'self',
            budget: 0.98,
            run: () => write(input.path, join(folder, 'one'), {}),
          },
        ],
      });
      for (const result of results) bench.result(result);
    });
  },
};

async function write(from: string, folder: string, options: FileOptions): Promise<Pass> {
  // Outside the time: giving back the files before is not writing.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const { ns } = await timedAsync(async () => {
    const { given } = await writeTo(
      fromReplay(from, { views: 'reused' }),
      file(join(folder, 'out.sfrec'), options),
    );
    return String(given);
  });
  const names = readdirSync(folder);
  if ((options.rotateBytes === undefined) !== (names.length === 1))
    throw new Error(`rotate: ${names.length} files`);
  let [count, checksum] = [0, 0];
  for (const name of names) {
    const part = await timesOf(join(folder, name));
    count += part.count;
    checksum = (checksum + part.checksum) >>> 0;
  }
  return { ns, answer: `${count} ${checksum}` };
}
