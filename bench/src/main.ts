import { Command, InvalidArgumentError } from 'commander';

import { SUITE_NAMES } from './harness/bench-case.ts';
import { endShared } from './harness/shared.ts';
import { runCommand, type RunOptions, SMOKE, USUAL } from './run-command.ts';

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;
const MOST_CLEAN_UP_MS = 5000;

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('1, 2, 3 or more');
  return value;
}

const interruption = new AbortController();

/* What was found is written first. Folders, recordings and cgroups of the run are removed when the process exits; what its cases share is ended before. */
function endOn(signal: NodeJS.Signals): void {
  process.once(signal, () => {
    process.stderr.write('interrupted\n');
    const exit = (): never => process.exit(EXIT_INTERRUPTED);
    setTimeout(exit, MOST_CLEAN_UP_MS);
    interruption.abort();
    void endShared().finally(exit);
  });
}

endOn('SIGINT');
endOn('SIGTERM');

const program = new Command('pnpm bench')
  .description('Sockflow beside its peers, in the same run.')
  .argument('[names...]', `suites (${SUITE_NAMES.join(', ')}) or SUITE/CASE; none: all`)
  .option('--size <MIB>', `generated input, MiB (${USUAL.mib}; with --smoke ${SMOKE.mib})`, count)
  .option('--rounds <N>', `counted rounds (${USUAL.rounds}; with --smoke ${SMOKE.rounds})`, count)
  .option('--smoke', 'only that every case runs and finds what its baselines find', false)
  .option('--json <FILE>', 'writes the document; - is standard output, without the table')
  .option('--html <FILE>', 'writes a report that opens without a network')
  .option('--list', 'lists the cases', false)
  .addHelpText(
    'after',
    '\nRatios are above 1 where Sockflow is better. Exit code 1: a case failed or, without --smoke, a budget was missed.',
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
  .action(async (names: readonly string[], options: RunOptions) => {
    process.exitCode = await runCommand(names, options, interruption.signal);
  });

await program.parseAsync();
// A case that failed may have left something open that would keep the process for good.
process.exit();
