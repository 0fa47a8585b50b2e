import { join } from 'node:path';

import { compareSides, type Pass, timedAsync } from '@sockflow/benchmark';
import { file, writeTo } from '@sockflow/sinks';
import { fromReplay } from '@sockflow/source-replay';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { hashOf } from '../harness/hash-of.ts';
import type { PeerProgram } from '../harness/peer-program.ts';
import type { RecordingInput } from '../harness/recording-input.ts';
import { againstFiles } from './against-files.ts';

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
export const csvCase: BenchCase = {
  suite: 'sinks',
  name: 'csv',
  says: 'eight fields of a recording as CSV, against fprintf in C',
  run: (bench) =>
    againstFiles(bench, {
      names: ['csv'],
      outputBytes: ({ events }) => events * OUTPUT_BYTES,
      compare: (input, folder, c) => compare(input, folder, c, bench),
    }),
};

async function compare(
  input: RecordingInput,
  folder: string,
  c: PeerProgram,
  bench: BenchRun,
): Promise<void> {
  const [ours, theirs] = [join(folder, 'ours.csv'), join(folder, 'c.csv')];
  const { results } = await compareSides({
    id: `sinks/${input.name}/csv`,
    reads: `blocks, CRC; ${FIELDS.join(', ')}`,
    units: input.events,
    unit: 'events/s',
    rounds: bench.rounds,
    ours: async () => hashed(await writeOurs(input.path, ours), ours),
    baselines: [
      {
        name: 'c',
        title: 'C: read, CRC (zlib), fprintf',
        kind: 'peer',
        run: async () => {
          const { ns, count } = await c.measure(`csv ${input.path} ${theirs}`);
          return hashed({ ns, answer: String(count) }, theirs);
        },
      },
    ],
  });
  for (const result of results) bench.result(result);
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
