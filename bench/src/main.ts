import { writeFileSync } from 'node:fs';

import { BENCH_SCHEMA, machineFacts, tableHead } from '@sockflow/benchmark';
import { Command, InvalidArgumentError } from 'commander';

import { BENCH_CASES } from './cases.ts';
import { SUITE_NAMES } from './harness/bench-case.ts';
import { type Found, runCases } from './harness/run-cases.ts';
import { listOfCases, selectCases } from './harness/select-cases.ts';
import { endShared } from './harness/shared.ts';
import { toolchainVersions } from './peers/native/toolchain-versions.ts';

const MIB = 2 ** 20;
const USUAL = { mib: 1024, rounds: 11 } as const;
/* One round: that it agrees is checked in the round that is not counted, too. */
const SMOKE = { mib: 16, rounds: 1 } as const;
const STANDARD_OUTPUT = '-';
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

interface Options {
  readonly size?: number;
  readonly rounds?: number;
  readonly smoke: boolean;
  readonly json?: string;
  readonly list: boolean;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('1, 2, 3 or more');
  return value;
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

const program = new Command('pnpm bench')
  .description('Sockflow beside its peers, in the same run.')
  .argument(
    '[names...]',
    `suites (${SUITE_NAMES.join(', ')}) or SUITE/CASE; all where none is named`,
  )
  .option('--size <MIB>', `generated input, MiB (${USUAL.mib}; with --smoke ${SMOKE.mib})`, count)
  .option('--rounds <N>', `counted rounds (${USUAL.rounds}; with --smoke ${SMOKE.rounds})`, count)
  .option('--smoke', 'only that every case runs and finds what its baselines find', false)
  .option('--json <FILE>', 'writes the document; - is standard output, and then the table is not')
  .option('--list', 'lists the cases', false)
  .addHelpText(
    'after',
    '\nEach ratio is above 1 where Sockflow is better. Exit code 1: a case failed or, without --smoke, a budget was missed.',
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
  .action(run);

/* Folders, recordings and cgroups of the run are removed when the process exits. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    note('interrupted');
    void endShared().finally(() => process.exit(EXIT_INTERRUPTED));
  });
}

await program.parseAsync();

async function run(names: readonly string[], options: Options): Promise<void> {
  if (options.list) return void process.stdout.write(`${listOfCases(BENCH_CASES)}\n`);
  const { cases, unknown } = selectCases(BENCH_CASES, names);
  if (unknown.length > 0) {
    note(`unknown: ${unknown.join(', ')}\n\n${listOfCases(BENCH_CASES)}`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  const usual = options.smoke ? SMOKE : USUAL;
  const [mib, rounds] = [options.size ?? usual.mib, options.rounds ?? usual.rounds];
  const isTable = options.json !== STANDARD_OUTPUT;
  const print = (line: string): void => void (isTable && process.stdout.write(`${line}\n`));
  const startedAt = new Date();
  const machine = machineFacts(toolchainVersions());
  note(
    `${machine.cpu}, ${machine.cores} cores, ${machine.caches.join(', ')}, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}`,
  );
  print(tableHead());
  const settings = { inputBytes: mib * MIB, rounds, isSmoke: options.smoke };
  const found = await runCases(cases, { ...settings, print, note });
  summarize(found);
  if (options.json !== undefined) {
    const document = {
      schema: BENCH_SCHEMA,
      startedAt: startedAt.toISOString(),
      tookS: (Date.now() - startedAt.getTime()) / 1000,
      machine,
      settings: { names: names.join(' '), sizeMib: mib, rounds, smoke: options.smoke },
      results: found.results,
      plots: found.plots,
      leftOut: found.leftOut,
    };
    const text = `${JSON.stringify(document)}\n`;
    if (isTable) writeFileSync(options.json, text);
    else process.stdout.write(text);
  }
  const isMissed = found.results.some(({ pass }) => pass === false);
  if (found.failed.length > 0 || (isMissed && !options.smoke)) process.exitCode = 1;
}

function summarize({ results, leftOut, failed }: Found): void {
  const met = results.filter(({ pass }) => pass === true).length;
  const missed = results.filter(({ pass }) => pass === false);
  note(`${results.length} rows; budgets: ${met} met, ${missed.length} missed`);
  for (const { id } of missed) note(`  missed: ${id}`);
  for (const { id, reason } of leftOut) note(`  left out: ${id}: ${reason}`);
  if (failed.length > 0) note(`failed: ${failed.join(', ')}`);
}
