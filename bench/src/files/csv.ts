import { join } from 'node:path';

import { file, writeTo } from '@sockflow/sinks';
import { fromReplay } from '@sockflow/source-replay';

import { CProgram, compileC, whyNoCompiler } from '../harness/c-program.ts';
import type { CaseResult } from '../harness/case-result.ts';
import { hashOf } from '../harness/hash-of.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { paired, type Pass, timedAsync } from '../harness/paired.ts';
import type { RecordingInput } from '../harness/recording-input.ts';
import type { SuiteOptions } from '../harness/suite.ts';

/* As bench/c/files.c prints them. */
const FIELDS = [
  'tsNs',
  'cookie',
  'remoteAddress',
  'remotePort',
  'srttUs',
  'sndCwnd',
  'bytesAcked',
  'totalRetrans',
] as const;
/* Two files of at most 150 bytes an event. */
const OUTPUT_BYTES = 300;

/** Eight fields of every event of a recording as CSV, against a loop of fprintf in C that reads and checks the same blocks. Both files must be the same, byte for byte. */
export async function csvCase(
  input: RecordingInput,
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const missing = whyNoCompiler();
  if (missing !== undefined) return options.note(missing);
  const c = new CProgram(compileC('files', ['z']));
  await withOutputFolder(input.events * OUTPUT_BYTES, async (folder) => {
    const [ours, theirs] = [join(folder, 'ours.csv'), join(folder, 'c.csv')];
    report(
      await paired({
        id: `files/${input.name}/csv`,
        units: input.events,
        unit: 'events/s',
        baseline: 'C: read, CRC (zlib), fprintf',
        budget: undefined,
        rounds: options.rounds,
        ours: async () => hashed(await writeOurs(input.path, ours), ours),
        theirs: async () => {
          const { ns, count } = await c.measure(`csv ${input.path} ${theirs}`);
          return hashed({ ns, answer: String(count) }, theirs);
        },
      }),
    );
  });
  c.close();
}

function writeOurs(from: string, to: string): Promise<Pass> {
  return timedAsync(async () => {
    const { given } = await writeTo(
      fromReplay(from, { views: 'reused' }),
      file(to, { fields: FIELDS }),
    );
    return String(given);
  });
}

async function hashed({ ns, answer }: Pass, path: string): Promise<Pass> {
  return { ns, answer: `${answer} ${await hashOf(path)}` };
}
