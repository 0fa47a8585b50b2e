import {
  type BenchDocument,
  benchDocumentText,
  htmlReport,
  machineFacts,
  summaryLines,
  tableHead,
} from '@sockflow/benchmark';

import { BENCH_CASES } from './cases.ts';
import { whyNotWritable, writeAsked } from './harness/asked-file.ts';
import type { BenchCase } from './harness/bench-case.ts';
import { benchDocument } from './harness/bench-document.ts';
import { measuredCommit } from './harness/measured-commit.ts';
import { type Found, runCases } from './harness/run-cases.ts';
import { listOfCases, selectCases } from './harness/select-cases.ts';
import { toolchainVersions } from './peers/native/toolchain-versions.ts';

const MIB = 2 ** 20;
const STANDARD_OUTPUT = '-';
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

/** Where nothing else is asked for: MiB of the generated input, and counted rounds. */
export const USUAL = { mib: 1024, rounds: 11 } as const;
/** In a smoke run. That sides agree is checked in the round that is not counted, too. */
export const SMOKE = { mib: 16, rounds: 1 } as const;

export interface RunOptions {
  readonly size?: number;
  readonly rounds?: number;
  readonly smoke: boolean;
  readonly json?: string;
  readonly html?: string;
  readonly list: boolean;
}

/**
 * @param signal aborted: what was found until then is written at once, and no further case begins
 * @returns the exit code
 */
export async function runCommand(
  names: readonly string[],
  options: RunOptions,
  signal: AbortSignal,
): Promise<number> {
  if (options.list) {
    process.stdout.write(`${listOfCases(BENCH_CASES)}\n`);
    return 0;
  }
  const { cases, unknown } = selectCases(BENCH_CASES, names);
  if (unknown.length > 0) {
    note(`unknown: ${unknown.join(', ')}\n\n${listOfCases(BENCH_CASES)}`);
    return EXIT_USAGE;
  }
  const unwritable = filesOf(options).flatMap(({ path }) => whyNotWritable(path) ?? []);
  if (unwritable.length > 0) {
    note(`cannot be written: ${unwritable.join(', ')}`);
    return EXIT_USAGE;
  }
  return measure(cases, names, options, signal);
}

async function measure(
  cases: readonly BenchCase[],
  names: readonly string[],
  options: RunOptions,
  signal: AbortSignal,
): Promise<number> {
  const usual = options.smoke ? SMOKE : USUAL;
  const [sizeMib, rounds] = [options.size ?? usual.mib, options.rounds ?? usual.rounds];
  const isTable = options.json !== STANDARD_OUTPUT;
  const print = (line: string): void => void (isTable && process.stdout.write(`${line}\n`));
  const startedAt = new Date();
  const machine = machineFacts(toolchainVersions());
  note(
    `${machine.cpu}, ${machine.cores} cores, ${machine.caches.join(', ')}, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}`,
  );
  const settings = {
    cases: names.join(' '),
    sizeMib,
    rounds,
    isSmoke: options.smoke,
    ...measuredCommit(),
  };
  const conclude = (found: Found, isInterrupted: boolean): boolean => {
    const document = benchDocument({ startedAt, machine, settings, isInterrupted }, found);
    for (const line of summaryLines(document)) note(line);
    return write(document, options);
  };
  print(tableHead());
  const found = await runCases(cases, {
    inputBytes: sizeMib * MIB,
    rounds,
    isSmoke: options.smoke,
    print,
    note,
    signal,
    onStart: (soFar) => signal.addEventListener('abort', () => void conclude(soFar(), true)),
  });
  // Written when the signal came.
  if (signal.aborted) return EXIT_INTERRUPTED;
  const isWritten = conclude(found, false);
  if (found.failed.length > 0) note(`FAILED: ${found.failed.join(', ')}`);
  const isMissed = found.results.some(({ pass }) => pass === false);
  return found.failed.length > 0 || isMissed || !isWritten ? 1 : 0;
}

interface AskedFile {
  readonly path: string;
  readonly text: (document: BenchDocument) => string;
}

function filesOf({ json, html }: Pick<RunOptions, 'json' | 'html'>): AskedFile[] {
  return [
    ...(json === undefined || json === STANDARD_OUTPUT
      ? []
      : [{ path: json, text: benchDocumentText }]),
    ...(html === undefined ? [] : [{ path: html, text: htmlReport }]),
  ];
}

/** @returns whether all could be written */
function write(document: BenchDocument, options: RunOptions): boolean {
  if (options.json === STANDARD_OUTPUT) process.stdout.write(benchDocumentText(document));
  let isWritten = true;
  for (const { path, text } of filesOf(options)) {
    const failure = writeAsked(path, text(document));
    note(failure === undefined ? `written: ${path}` : `cannot be written: ${failure}`);
    if (failure !== undefined) isWritten = false;
  }
  return isWritten;
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
