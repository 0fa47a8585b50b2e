const UNITS: readonly (readonly [least: number, unit: string])[] = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** A number as an axis has it: `16 M`, `0.25`, three figures at most. */
export function axisText(value: number): string {
  const [divisor, unit] = UNITS.find(([least]) => Math.abs(value) >= least) ?? [1, ''];
  const text = String(Number((value / divisor).toPrecision(3)));
  return unit === '' ? text : `${text} ${unit}`;
}

/** As {@link axisText}, in steps of 1,024 where it is a whole power of two, as counts of events and bytes are: `64 Ki`. */
export function countText(value: number): string {
  const isPowerOfTwo = value >= 1024 && Number.isInteger(Math.log2(value));
  if (!isPowerOfTwo) return axisText(value);
  return value >= 2 ** 20 ? `${value / 2 ** 20} Mi` : `${value / 2 ** 10} Ki`;
}
