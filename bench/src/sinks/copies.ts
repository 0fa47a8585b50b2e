import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { compareSides, type Pass, timedAsync } from '@sockflow/benchmark';
import { type Batch, CbFlag, filterFlags, filterOp, Op } from '@sockflow/core';
import { file, writeTo } from '@sockflow/sinks';
import { fromReplay, openRecording } from '@sockflow/source-replay';
import type { Observable } from 'rxjs';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import type { PeerProgram } from '../harness/peer-program.ts';
import type { RecordingInput } from '../harness/recording-input.ts';
import { againstFiles } from './against-files.ts';
import { contentOfBlocks } from './content-of-blocks.ts';
import { timesOf } from './times-of.ts';

/* Ours, what it replaces, and C's. */
const FILES_AT_ONCE = 3;
const ALL_CB = Object.values(CbFlag).reduce((mask, flag) => mask | flag, 0);
/* RETRANS_CB is about one event in a hundred of the generated input. */
const ONE_PERCENT_MASK = 1 << Op.RETRANS_CB;

interface CopyCase {
  readonly name: string;
  readonly reads: string;
  /** As slots.c has it; 0: everything survives. */
  readonly opMask: number;
  readonly events: (batches: Observable<Batch>) => Observable<Batch>;
}

const CASES: readonly CopyCase[] = [
  {
    name: 'copy-1-percent',
    reads: 'blocks, CRC, op, cbFlags; survivors copied, CRC',
    opMask: ONE_PERCENT_MASK,
    events: (batches) =>
      batches.pipe(filterOp(Op.RETRANS_CB), filterFlags({ cb: { any: ALL_CB } })),
  },
  {
    name: 'copy-all',
    reads: 'blocks, CRC; all copied, CRC',
    opMask: 0,
    events: (batches) => batches,
  },
];

/** Recording -> filter -> recording in this thread, against read(2), zlib's CRC, the same filter and write(2) in C, in blocks of the same size. */
export const copiesCase: BenchCase = {
  suite: 'sinks',
  name: 'copies',
  says: 'recording, filter, recording: a hundredth of the events and all, against the same in C',
  run: (bench) =>
    againstFiles(bench, {
      names: CASES.map(({ name }) => name),
      outputBytes: ({ bytes }) => bytes * FILES_AT_ONCE,
      compare: (input, folder, c) => compare(input, folder, c, bench),
    }),
};

async function compare(
  input: RecordingInput,
  folder: string,
  c: PeerProgram,
  bench: BenchRun,
): Promise<void> {
  const blockBytes = largestBlock(input.path);
  const ours = join(folder, 'ours.sfrec');
  const theirs = join(folder, 'theirs.bin');
  for (const { name, reads, opMask, events } of CASES) {
    const { results } = await compareSides({
      id: `sinks/${input.name}/${name}`,
      reads,
      units: input.events,
      unit: 'events/s',
      rounds: bench.rounds,
      ours: async () => {
        // Outside the time, here and below: giving back a gigabyte of the file before is not copying.
        rmSync(ours, { force: true });
        return answered(await copyOurs(input.path, ours, events), ours);
      },
      baselines: [
        {
          name: 'c',
          title: 'C: read, CRC (zlib), filter, write',
          kind: 'peer',
          budget: input.isLarge ? 0.8 : undefined,
          run: async () => {
            rmSync(theirs, { force: true });
            const how = `${opMask >>> 0} ${ALL_CB} ${blockBytes}`;
            const { ns } = await c.measure(`copy ${how} ${input.path} ${theirs}`);
            const { count, checksum } = contentOfBlocks(theirs);
            return { ns, answer: `${count} ${checksum}` };
          },
        },
      ],
    });
    for (const result of results) bench.result(result);
  }
}

function largestBlock(path: string): number {
  let largest = 0;
  for (const { blocks } of openRecording(path).parts) {
    for (let row = 0; row < blocks.count; row++)
      largest = Math.max(largest, blocks.payloadBytes(row));
  }
  return largest;
}

function copyOurs(from: string, to: string, events: CopyCase['events']): Promise<Pass> {
  return timedAsync(async () => {
    const { given, acknowledged } = await writeTo(
      events(fromReplay(from, { views: 'reused' })),
      file(to),
    );
    if (given !== acknowledged)
      throw new Error(`copy: ${given} given, ${acknowledged} acknowledged`);
    return String(given);
  });
}

/** The answer is what lies in the file that was written, read again outside the time. */
async function answered(pass: Pass, path: string): Promise<Pass> {
  const { count, checksum } = await timesOf(path);
  if (String(count) !== pass.answer)
    throw new Error(`copy: ${pass.answer} written, ${count} read back`);
  return { ns: pass.ns, answer: `${count} ${checksum}` };
}
