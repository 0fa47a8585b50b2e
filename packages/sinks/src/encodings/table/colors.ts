import { isatty } from 'node:tty';

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, dim: 2, bold: 1 };
export type Color = keyof typeof CODES;

/** Whether to write colours to a descriptor: not where NO_COLOR says so or nobody looks at it. */
export function wantsColors(fd: number, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '')
    return env['FORCE_COLOR'] !== '0';
  return isatty(fd) && env['TERM'] !== 'dumb';
}

/** Text in a colour of the terminal's own palette. */
export function colored(text: string, color: Color | undefined): string {
  return color === undefined || text === '' ? text : `\u001b[${CODES[color]}m${text}\u001b[0m`;
}
