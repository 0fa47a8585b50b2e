import { nearestName } from '@sockflow/core';
import { Command, CommanderError, type Help } from 'commander';

import type { CommandContext, CommandModule } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { CommandError } from './errors.ts';
import { EXIT_CODE_TEXTS, ExitCode, exitCodeOf } from './exit-code.ts';
import { outputOptions, useColorMode } from './options/output-options.ts';
import { forgetEmptyTime, useTime } from './options/time-option.ts';
import { releaseEarlySignals } from './session/early-signals.ts';
import { isClosedPipe } from './terminal/closed-pipe.ts';
import { reportError } from './terminal/report-error.ts';
import type { Colors } from './terminal/terminal.ts';
import { VERSION } from './version.ts';

const DESCRIPTION = `TCP as the kernel sees it, live or from recordings: watch, record, filter, derive, convert.`;

const EXIT_CODES = `Exit codes:
${EXIT_CODE_TEXTS.map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}`).join('\n')}`;

/** Runs the command line and gives its exit code; never throws, never exits. */
export async function runProgram(
  context: CommandContext,
  args: readonly string[],
): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.OK;
  // Help is coloured too, so this comes before anything is parsed.
  useColorMode(context, args);
  forgetEmptyTime();
  const program = buildProgram(context, async (module, positionals, options) => {
    if (module.drains !== true) releaseEarlySignals();
    if (options['quiet'] === true) context.err.quieten();
    useTime(options);
    exitCode = await module.run(context, positionals, options);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.OK;
    if (isClosedPipe(error)) return ExitCode.OK;
    const known = error instanceof CommanderError ? usageError(error, args) : error;
    reportError(context.err, known, args.includes('--verbose'));
    return exitCodeOf(known);
  }
}

type Action = (
  module: CommandModule,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
) => Promise<void>;

function buildProgram(context: CommandContext, action: Action): Command {
  const program = new Command('sockflow')
    .description(DESCRIPTION)
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: () => {},
      getOutHelpWidth: () => context.out.columns,
    })
    .configureHelp(helpStyle(context.out.colors))
    .addHelpText('after', `\n${EXIT_CODES}\n\nMore of a command: sockflow COMMAND --help`);
  for (const module of COMMANDS) addCommand(program, module, context, action);
  return program;
}

function addCommand(
  program: Command,
  module: CommandModule,
  context: CommandContext,
  action: Action,
): void {
  const command = program.command(module.name).summary(module.summary);
  command.description(module.description);
  for (const argument of module.arguments) command.addArgument(argument);
  for (const option of module.options) command.addOption(option);
  for (const option of outputOptions(verboseText(module))) command.addOption(option);
  command.addHelpText('after', () => `\n${examplesText(module, context.out.colors)}`);
  command.action(() => action(module, command.args, command.opts()));
}

function verboseText({ canBeLive = false }: CommandModule): string {
  const ofErrors = 'with an error: its causes and where they come from';
  return canBeLive
    ? `${ofErrors}; of a live run also each lane, kinds of events, and notes of the source`
    : ofErrors;
}

function examplesText(module: CommandModule, colors: Colors): string {
  const lines = module.examples.map(
    ({ line, says }) => `  ${colors.dim(`# ${says}`)}\n  ${colors.cyan(line)}`,
  );
  return `${colors.bold('Examples:')}\n${lines.join('\n')}`;
}

function helpStyle(colors: Colors): Partial<Help> {
  return {
    sortSubcommands: false,
    minWidthToWrap: 20,
    subcommandTerm: (command) => command.name(),
    styleTitle: (text) => colors.bold(text),
    styleOptionTerm: (text) => colors.cyan(text),
    styleSubcommandTerm: (text) => colors.cyan(text),
    styleArgumentTerm: (text) => colors.cyan(text),
  };
}

/** Whether what the parser suggests is near enough to what was typed: `--rotate` is no `--state`. */
function isNear(message: string, hint: string): boolean {
  const typed = /'(-*)([^'=]+)/.exec(message)?.[2];
  const suggested = /mean (?:one of )?(.+)\?/.exec(hint)?.[1];
  if (typed === undefined || suggested === undefined) return true;
  return (
    nearestName(
      typed,
      suggested.split(', ').map((name) => name.replace(/^-+/, '')),
    ) !== undefined
  );
}

/** The parser's error as one of ours. Its text is `error: message`, and on a second line `(Did you mean --x?)`. */
function usageError(error: CommanderError, args: readonly string[]): CommandError {
  const [first = '', hint] = error.message.split('\n');
  const command = COMMANDS.find((module) => module.name === args[0]);
  const help = `sockflow ${command === undefined ? '' : `${command.name} `}--help`;
  if (error.code === 'commander.help') {
    return new CommandError('ERR_SOCKFLOW_USAGE', 'a command is missing', {
      details: { place: 'sockflow' },
      remedy: `Give one of ${COMMANDS.map(({ name }) => name).join(', ')}; see ${help}`,
    });
  }
  if (error.code === 'commander.excessArguments' && command?.name === 'inspect') {
    return new CommandError('ERR_SOCKFLOW_USAGE', 'inspect looks at one recording', {
      details: { place: 'sockflow inspect' },
      remedy:
        'Make one of several, or of the parts of a series: sockflow slice day.*.sfrec all.sfrec, then sockflow inspect all.sfrec. See sockflow inspect --help',
    });
  }
  const suggestion =
    hint === undefined || !isNear(first, hint) ? '' : `${hint.replace(/^\((.*)\)$/, '$1')} `;
  return new CommandError('ERR_SOCKFLOW_USAGE', first.replace(/^error: /, '').replace(/\.$/, ''), {
    details: { place: ['sockflow', command?.name ?? []].flat().join(' ') },
    remedy: `${suggestion}See ${help}`,
  });
}
