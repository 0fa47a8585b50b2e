import type { BaselineKind, CaseResult } from './case-result.ts';
import { checkFinite } from './check-finite.ts';
import { median, medianInterval } from './median.ts';

export interface FigureOptions {
  readonly id: string;
  readonly reads: string;
  /** One of each round. */
  readonly values: readonly number[];
  readonly unit: string;
  readonly isLessBetter: boolean;
  /** The bound that is asked for. */
  readonly budget?: number | undefined;
  /** What is told beside it, where a ratio of the two would say nothing: both may be none. */
  readonly beside?:
    | { readonly title: string; readonly kind: BaselineKind; readonly value: number }
    | undefined;
}

/** A figure that stands alone, as a row: median and spread of its rounds. */
export function figure(options: FigureOptions): CaseResult {
  const { values, isLessBetter, budget } = options;
  checkFinite(options.id, values);
  const value = median(values);
  const isMet = budget === undefined || (isLessBetter ? value <= budget : value >= budget);
  return {
    id: options.id,
    reads: options.reads,
    value,
    unit: options.unit,
    isLessBetter,
    baseline: options.beside?.title,
    kind: options.beside?.kind,
    baselineValue: options.beside?.value,
    ratio: undefined,
    interval: medianInterval(values),
    bestRatio: undefined,
    spread: [Math.min(...values), Math.max(...values)],
    rounds: values.length,
    budget,
    pass: budget === undefined ? undefined : isMet,
  };
}
