import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { type Batch, CbFlag, filterFlags, filterOp, Op } from '@sockflow/core';
import { file, writeTo } from '@sockflow/sinks';
import { fromReplay, openRecording } from '@sockflow/source-replay';
import type { Observable } from 'rxjs';

import { CProgram, compileC, whyNoCompiler } from '../harness/c-program.ts';
import type { CaseResult } from '../harness/case-result.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { paired, type Pass, timedAsync } from '../harness/paired.ts';
import type { RecordingInput } from '../harness/recording-input.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { timesOf } from './times-of.ts';

/* Ours, what it replaces, and C's. */
const FILES_AT_ONCE = 3;
const ALL_CB = Object.values(CbFlag).reduce((mask, flag) => mask | flag, 0);
/* RETRANS_CB is about one event in a hundred of the generated input. */
const ONE_PERCENT_MASK = 1 << Op.RETRANS_CB;

interface CopyCase {
  readonly name: string;
  /** As slots.c has it; 0: everything survives. */
  readonly opMask: number;
  readonly events: (batches: Observable<Batch>) => Observable<Batch>;
}

const CASES: readonly CopyCase[] = [
  {
    name: 'copy-1-percent',
    opMask: ONE_PERCENT_MASK,
    events: (batches) =>
      batches.pipe(filterOp(Op.RETRANS_CB), filterFlags({ cb: { any: ALL_CB } })),
  },
  { name: 'copy-all', opMask: 0, events: (batches) => batches },
];

/** Recording -> filter -> recording in this thread, against read(2), zlib's CRC, the same filter and write(2) in C, in blocks of the same size. */
export async function copies(
  input: RecordingInput,
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const missing = whyNoCompiler();
  if (missing !== undefined) return options.note(missing);
  await withOutputFolder(input.bytes * FILES_AT_ONCE, (folder) =>
    copyCases(input, folder, options, report),
  );
}

async function copyCases(
  input: RecordingInput,
  folder: string,
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const c = new CProgram(compileC('files', ['z']));
  const blockBytes = largestBlock(input.path);
  for (const { name, opMask, events } of CASES) {
    const ours = join(folder, 'ours.sfrec');
    const theirs = join(folder, 'theirs.bin');
    report(
      await paired({
        id: `files/${input.name}/${name}`,
        units: input.events,
        unit: 'events/s',
        baseline: 'C: read, CRC (zlib), filter, write',
        budget: input.isLarge ? 0.8 : undefined,
        rounds: options.rounds,
        ours: async () => {
          // Outside the time, here and below: giving back a gigabyte of the file before is not copying.
          rmSync(ours, { force: true });
          return answered(await copyOurs(input.path, ours, events), ours);
        },
        theirs: () => {
          rmSync(theirs, { force: true });
          return copyTheirs(
            c,
            `copy ${opMask >>> 0} ${ALL_CB} ${blockBytes} ${input.path} ${theirs}`,
          );
        },
      }),
    );
  }
  c.close();
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

async function copyTheirs(c: CProgram, command: string): Promise<Pass> {
  const { ns, count, checksum } = await c.measure(command);
  return { ns, answer: `${count} ${checksum}` };
}
