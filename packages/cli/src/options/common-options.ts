import { Option } from 'commander';

import { parseInteger } from './quantities.ts';

const MAX_LANES = 64;

/** `--lanes`: how many workers share the work. */
export function lanesOption(): Option {
  return new Option('--lanes <n>', 'workers that share the work; a connection stays in one')
    .argParser((text) => parseInteger('--lanes', text, 1, MAX_LANES))
    .default(1);
}

/** `--json`: the summary for programs. */
export function jsonOption(what = 'summary'): Option {
  return new Option('--json', `print the ${what} as JSON on stdout, and nothing else there`);
}

/** `--tolerate-damage`: a damaged recording is no failure. */
export function tolerateDamageOption(): Option {
  return new Option(
    '--tolerate-damage',
    'exit with 0 though a recording is damaged; what was lost is named all the same',
  );
}
