import type { ConfigPath, ConfigProblems } from './config-problem.ts';
import { UNSET } from './substitute.ts';

/** True or false, also as the text that a variable of the environment is. */
export function readTruth(
  value: unknown,
  path: ConfigPath,
  problems: ConfigProblems,
): boolean | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text === 'true' || text === 'false') return text === 'true';
  if (!text.includes(UNSET)) {
    problems.add(path, `expected true or false, found '${text}'`, 'Give true or false');
  }
  return undefined;
}
