import { ConfigError } from '@sockflow/core';

/** @throws ERR_SOCKFLOW_INVALID_OPTION where it is no whole number from 1 to `max` */
export function checkWhole(
  name: string,
  value: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  const upTo = max === Number.MAX_SAFE_INTEGER ? 'of at least 1' : `from 1 to ${max}`;
  return checked(
    name,
    value,
    `a whole number ${upTo}`,
    Number.isSafeInteger(value) && value >= 1 && value <= max,
  );
}

/** @throws ERR_SOCKFLOW_INVALID_OPTION where it is not from `min` to `max`; with `min` 0 and no `max`, above 0 */
export function checkNumber(name: string, value: number, min: number, max?: number): number {
  if (max === undefined) {
    return checked(name, value, `a number above ${min}`, value > min && Number.isFinite(value));
  }
  return checked(name, value, `a number from ${min} to ${max}`, value >= min && value <= max);
}

/** @throws ERR_SOCKFLOW_INVALID_OPTION where it is not from 0 to 1 */
export function checkRatio(name: string, value: number): number {
  return checkNumber(name, value, 0, 1);
}

function checked(name: string, value: number, expected: string, isRight: boolean): number {
  if (!isRight) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `${name}: ${expected} expected, found ${value}`,
      { details: { option: name, value }, remedy: `Give ${name} as ${expected}` },
    );
  }
  return value;
}
