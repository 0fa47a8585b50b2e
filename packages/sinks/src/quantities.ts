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

const DURATION_PART = /\d+(?:\.\d+)?[a-zµ]+/gi;

/** Bytes as people write them: `1GiB`, `64MiB`, `1.5G`, `4096`; `undefined` where it is no size. */
export function readSizeBytes(text: string): number | undefined {
  return readQuantity(text, SIZE_UNITS);
}

/** A length of time in ns, as people write it: `250ms`, `10s`, `1.5min`, `1h30m`; `undefined` where it is none. */
export function readDurationNs(text: string): number | undefined {
  const parts = text.trim().match(DURATION_PART) ?? [];
  // Several parts have nothing between them, and each its unit.
  if (parts.length < 2 || parts.join('') !== text.trim()) {
    return readQuantity(text, DURATION_UNITS_NS);
  }
  let sumNs = 0;
  let lastFactor = Infinity;
  for (const part of parts) {
    const factor = DURATION_UNITS_NS[part.replace(/^[\d.]+/, '').toLowerCase()];
    const ns = readQuantity(part, DURATION_UNITS_NS);
    // From the largest unit to the smallest, each once: `30m1h` is more likely a slip.
    if (factor === undefined || ns === undefined || factor >= lastFactor) return undefined;
    lastFactor = factor;
    sumNs += ns;
  }
  return Number.isSafeInteger(sumNs) ? sumNs : undefined;
}

/** A number with one of these units, in lower case, as a whole number of the smallest. */
export function readQuantity(
  text: string,
  units: Readonly<Record<string, number>>,
): number | undefined {
  const [, digits = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-zµ]*)\s*$/i.exec(text) ?? [];
  const factor = digits === '' ? undefined : units[unit.toLowerCase()];
  const value = factor === undefined ? Number.NaN : Math.round(Number(digits) * factor);
  return Number.isSafeInteger(value) ? value : undefined;
}
