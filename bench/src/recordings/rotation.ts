import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { file, type FileOptions, writeTo } from '@sockflow/sinks';
import { fromReplay } from '@sockflow/source-replay';

import { timesOf } from '../files/times-of.ts';
import type { CaseResult } from '../harness/case-result.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { paired, type Pass, timedAsync } from '../harness/paired.ts';
import type { RecordingInput } from '../harness/recording-input.ts';
import type { SuiteOptions } from '../harness/suite.ts';

/* Sixteen parts: of 64 MiB where the input has 1 GiB. */
const PARTS = 16;

/** Recording to recording in parts, against the same in one file: what rotation costs. */
export async function rotation(input: RecordingInput, options: SuiteOptions): Promise<CaseResult> {
  const rotateBytes = Math.round(input.bytes / PARTS);
  return withOutputFolder(input.bytes * 2, (folder) =>
    paired({
      id: `recordings/rotate`,
      units: input.events,
      unit: 'events/s',
      baseline: 'the same to one file',
      budget: 0.98,
      rounds: options.rounds,
      ours: () => write(input.path, join(folder, 'parts'), { rotateBytes }),
      theirs: () => write(input.path, join(folder, 'one'), {}),
    }),
  );
}

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
