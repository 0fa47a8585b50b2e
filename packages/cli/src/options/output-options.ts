import { Option } from 'commander';

import type { CommandContext } from '../command.ts';
import type { ColorMode } from '../terminal/terminal.ts';

/* What every command takes: how much it tells, and in which colours. */

const GROUP = 'What is told:';
const COLOR_MODES: readonly ColorMode[] = ['auto', 'always', 'never'];

/** The options that each command has besides its own, in the order of the help. */
export function outputOptions(verboseText: string): Option[] {
  return [
    new Option(
      '--quiet',
      'on stderr only warnings and errors: no summary, no progress; stdout stays as it is',
    ).conflicts('verbose'),
    new Option('--verbose', verboseText),
    new Option(
      '--color <when>',
      'colours: auto (where the terminal has them, and as NO_COLOR and FORCE_COLOR say), always, never',
    ).choices(COLOR_MODES),
  ].map((option) => option.helpGroup(GROUP));
}

/** Lets `--color` rule both streams, and by the environment whatever threads write. What is no mode is left to the parser. */
export function useColorMode({ out, err }: CommandContext, args: readonly string[]): void {
  const mode = COLOR_MODES.find((candidate) => candidate === saidMode(args)) ?? 'auto';
  if (mode === 'auto') return;
  if (mode === 'always') {
    delete process.env['NO_COLOR'];
    process.env['FORCE_COLOR'] = '1';
  } else {
    delete process.env['FORCE_COLOR'];
    process.env['NO_COLOR'] = '1';
  }
  out.useColors(mode);
  err.useColors(mode);
}

function saidMode(args: readonly string[]): string | undefined {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  let mode: string | undefined;
  options.forEach((arg, index) => {
    if (arg === '--color') mode = options[index + 1];
    else if (arg.startsWith('--color=')) mode = arg.slice('--color='.length);
  });
  return mode;
}
