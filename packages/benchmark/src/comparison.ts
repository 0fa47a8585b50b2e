import type { BaselineKind, CaseResult } from './case-result.ts';
import { checkFinite } from './check-finite.ts';
import { median, medianInterval } from './median.ts';

export interface ComparisonOptions {
  readonly id: string;
  readonly reads: string;
  /** Of the values: `events/s`. */
  readonly unit: string;
  readonly isLessBetter: boolean;
  /** For people: `C -O3 -march=native`. */
  readonly baseline: string;
  readonly kind: BaselineKind;
  /** One of each round. */
  readonly ours: readonly number[];
  /** Of the same rounds, in the same order. */
  readonly theirs: readonly number[];
  /** The least ratio that is asked for. */
  readonly budget?: number | undefined;
}

/** What was measured on two sides in the same rounds, as a row. The ratio is the median of the rounds' ratios, above 1 where we are better. */
export function comparison(options: ComparisonOptions): CaseResult {
  const { ours, theirs, isLessBetter, budget } = options;
  const ratios = ours.map((value, round) => {
    const other = theirs[round] as number;
    return isLessBetter ? other / value : value / other;
  });
  checkFinite(options.id, [...ours, ...theirs, ...ratios]);
  const ratio = median(ratios);
  return {
    id: options.id,
    reads: options.reads,
    value: median(ours),
    unit: options.unit,
    isLessBetter,
    baseline: options.baseline,
    kind: options.kind,
    baselineValue: median(theirs),
    ratio,
    interval: medianInterval(ratios),
    bestRatio: isLessBetter
      ? Math.min(...theirs) / Math.min(...ours)
      : Math.max(...ours) / Math.max(...theirs),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    rounds: ratios.length,
    budget,
    pass: budget === undefined ? undefined : ratio >= budget,
  };
}
