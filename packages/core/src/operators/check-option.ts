import { ConfigError } from '../errors.ts';

/** The error of an operator's option: what was expected, what was found. */
export function optionError(
  operator: string,
  option: string,
  expected: string,
  found: unknown,
): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `${operator}: expected ${option} to be ${expected}, found ${describe(found)}`,
    { details: { operator, option }, remedy: `Give ${operator} ${expected} as ${option}` },
  );
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  return JSON.stringify(value, bigintsAsText) ?? String(value);
}

/** JSON has no bigints, and an option's error must not fail itself: times are bigints. */
function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

/** @throws ERR_SOCKFLOW_INVALID_OPTION unless `value` is an integer from `low` to `high`. */
export function checkInteger(
  operator: string,
  option: string,
  value: unknown,
  low: number,
  high: number,
): void {
  if (!Number.isInteger(value) || Number(value) < low || Number(value) > high) {
    throw optionError(operator, option, `an integer from ${low} to ${high}`, value);
  }
}

/** @throws ERR_SOCKFLOW_INVALID_OPTION unless there is at least one value and all are integers from `low` to `high`. */
export function checkNumbers(
  operator: string,
  option: string,
  values: readonly unknown[],
  low: number,
  high: number,
): void {
  if (values.length === 0) throw optionError(operator, option, 'at least one value', values);
  for (const value of values) checkInteger(operator, `each of ${option}`, value, low, high);
}
