import { writeFileSync } from 'node:fs';

import {
  type BenchDocument,
  benchDocumentText,
  htmlReport,
  machineFacts,
  summaryLines,
  tableHead,
} from '@sockflow/benchmark';

import { BENCH_CASES } from './cases.ts';
import { benchDocument } from './harness/bench-document.ts';
import { runCases } from './harness/run-cases.ts';
import { listOfCases, selectCases } from './harness/select-cases.ts';
import { toolchainVersions } from './peers/native/toolchain-versions.ts';

const MIB = 2 ** 20;
const STANDARD_OUTPUT = '-';
const EXIT_USAGE = 2;

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

/** @returns the exit code */
export async function runCommand(names: readonly string[], options: RunOptions): Promise<number> {
  if (options.list) {
    process.stdout.write(`${listOfCases(BENCH_CASES)}\n`);
    return 0;
  }
  const { cases, unknown } = selectCases(BENCH_CASES, names);
  if (unknown.length > 0) {
    note(`unknown: ${unknown.join(', ')}\n\n${listOfCases(BENCH_CASES)}`);
    return EXIT_USAGE;
  }
  const usual = options.smoke ? SMOKE : USUAL;
  const [sizeMib, rounds] = [options.size ?? usual.mib, options.rounds ?? usual.rounds];
  const isTable = options.json !== STANDARD_OUTPUT;
  const print = (line: string): void => void (isTable && process.stdout.write(`${line}\n`));
  const startedAt = new Date();
  const machine = machineFacts(toolchainVersions());
  note(
    `${machine.cpu}, ${machine.cores} cores, ${machine.caches.join(', ')}, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}`,
  );
  print(tableHead());
  const found = await runCases(cases, {
    inputBytes: sizeMib * MIB,
    rounds,
    isSmoke: options.smoke,
    print,
    note,
  });
  const settings = { cases: names.join(' '), sizeMib, rounds, isSmoke: options.smoke };
  const document = benchDocument({ startedAt, machine, settings }, found);
  for (const line of summaryLines(document)) note(line);
  write(document, options);
  if (found.failed.length > 0) note(`FAILED: ${found.failed.join(', ')}`);
  const isMissed = found.results.some(({ pass }) => pass === false);
  return found.failed.length > 0 || isMissed ? 1 : 0;
}

function write(document: BenchDocument, { json, html }: RunOptions): void {
  if (json === STANDARD_OUTPUT) process.stdout.write(benchDocumentText(document));
  const files: readonly (readonly [path: string | undefined, text: () => string])[] = [
    [json === STANDARD_OUTPUT ? undefined : json, () => benchDocumentText(document)],
    [html, () => htmlReport(document)],
  ];
  for (const [path, text] of files) {
    if (path === undefined) continue;
    writeFileSync(path, text());
    note(`written: ${path}`);
  }
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
