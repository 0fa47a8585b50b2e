const STEPS = [1, 2, 5] as const;
/** More than so many labels would be too close. */
const MOST_LABELS = 9;

/** A logarithmic axis from below the lowest to above the highest: its ends and what is labelled, in steps of 1, 2, 5 where that is not too much, else of 10. */
export function logTicks(
  lowest: number,
  highest: number,
): { readonly min: number; readonly max: number; readonly labels: readonly number[] } {
  const all: number[] = [];
  const last = Math.ceil(Math.log10(highest));
  for (let power = Math.floor(Math.log10(lowest)); power <= last; power++)
    for (const step of STEPS) all.push(step * 10 ** power);
  const min = all.findLast((value) => value <= lowest) as number;
  const max = all.find((value) => value >= highest) as number;
  const labels = all.filter((value) => value >= min && value <= max);
  if (labels.length <= MOST_LABELS) return { min, max, labels };
  return { min, max, labels: labels.filter((value) => Number.isInteger(log10Of(value))) };
}

/** Exact for powers of ten: 1e-3 is not. */
function log10Of(value: number): number {
  return Number(Math.log10(value).toFixed(6));
}
