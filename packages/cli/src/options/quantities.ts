import { ConfigError } from '@sockflow/core';
import { readDurationNs, readQuantity, readSizeBytes } from '@sockflow/sinks/quantities';

const COUNT_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/** Bytes as people write them: `1GiB`, `64MiB`, `1.5G`, `4096`. */
export function parseSize(option: string, text: string): number {
  return required(option, text, readSizeBytes(text), 'a size such as 64MiB or 1GiB');
}

/** A count as people write it: `100000`, `100k`, `2M`. */
export function parseCount(option: string, text: string): number {
  return required(option, text, readQuantity(text, COUNT_UNITS), 'a count such as 5000 or 100k');
}

/** A length of time in ns, as people write it: `250ms`, `10s`, `1.5min`. */
export function parseDurationNs(option: string, text: string): bigint {
  const what = 'a duration such as 250ms, 10s or 5min';
  return BigInt(required(option, text, readDurationNs(text), what));
}

/** A whole number from `min` to `max`. */
export function parseInteger(option: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw badValue(option, text, `a whole number from ${min} to ${max}`);
}

function required(option: string, text: string, value: number | undefined, what: string): number {
  if (value === undefined) throw badValue(option, text, what);
  return value;
}

/** The error for a value that is not what an option takes. */
export function badValue(option: string, text: string, expected: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `expected ${expected}, got '${text}'`, {
    details: { place: option },
    remedy: `Give ${option} ${expected}`,
  });
}
