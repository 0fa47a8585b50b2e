import { ConfigError } from '@sockflow/core';

const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  kib: 2 ** 10,
  m: 1e6,
  mb: 1e6,
  mib: 2 ** 20,
  g: 1e9,
  gb: 1e9,
  gib: 2 ** 30,
  t: 1e12,
  tb: 1e12,
  tib: 2 ** 40,
};

const COUNT_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

const DURATION_UNITS_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 60e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
};

/** Bytes as people write them: `1GiB`, `64MiB`, `1.5G`, `4096`. */
export function parseSize(option: string, text: string): number {
  return scaled(option, text, SIZE_UNITS, 'a size such as 64MiB or 1GiB');
}

/** A count as people write it: `100000`, `100k`, `2M`. */
export function parseCount(option: string, text: string): number {
  return scaled(option, text, COUNT_UNITS, 'a count such as 5000 or 100k');
}

/** A length of time in ns, as people write it: `250ms`, `10s`, `1.5min`. */
export function parseDurationNs(option: string, text: string): bigint {
  return BigInt(scaled(option, text, DURATION_UNITS_NS, 'a duration such as 250ms, 10s or 5min'));
}

/** A whole number from `min` to `max`. */
export function parseInteger(option: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw badValue(option, text, `a whole number from ${min} to ${max}`);
}

function scaled(
  option: string,
  text: string,
  units: Readonly<Record<string, number>>,
  expected: string,
): number {
  const [, digits = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-zµ]*)\s*$/i.exec(text) ?? [];
  const factor = digits === '' ? undefined : units[unit.toLowerCase()];
  const value = factor === undefined ? Number.NaN : Math.round(Number(digits) * factor);
  if (Number.isSafeInteger(value)) return value;
  throw badValue(option, text, expected);
}

/** The error for a value that is not what an option takes. */
export function badValue(option: string, text: string, expected: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `expected ${expected}, got '${text}'`, {
    details: { place: option },
    remedy: `Give ${option} ${expected}`,
  });
}
