const STEPS = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;
const DIGITS = 3;

/** Three digits that count, for people: `12.3 M`, `0.784`, `0`. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return '–';
  const step = STEPS.find(([least]) => size >= least);
  if (step !== undefined) return `${rounded(value / step[0])} ${step[1]}`;
  return rounded(value);
}

function rounded(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 100) return value.toFixed(0);
  return Number(value.toPrecision(DIGITS)).toString();
}

/** A ratio, digits and all, so that those of a column can be compared: `1.50`, `35.0`, `1.2 k`. */
export function formatRatio(ratio: number): string {
  return ratio < 0.001 || ratio >= 1000 ? formatNumber(ratio) : ratio.toPrecision(DIGITS);
}

/** A share in percent: `3.2 %`. */
export function formatShare(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}
