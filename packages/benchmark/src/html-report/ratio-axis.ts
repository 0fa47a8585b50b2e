import type { CaseResult } from '../case-result.ts';

/** Where ratios lie in the drawings of one report: a log axis that all rows share, so that rows can be compared by eye. */
export interface RatioAxis {
  /** Distance from the left edge, px. */
  readonly at: (ratio: number) => number;
  readonly ticks: readonly number[];
}

/** Width of a drawing, px. */
export const AXIS_WIDTH_PX = 260;
const MARGIN_PX = 16;
const MOST_TICKS = 7;
/** Room beside the outermost ratio, as a factor. */
const ROOM = 1.25;

/** The axis of all ratios of a document, with 1 on it; from half to double at least. */
export function ratioAxis(results: readonly CaseResult[]): RatioAxis {
  const ratios = results
    .flatMap(({ ratio, interval, budget }) =>
      ratio === undefined ? [] : [ratio, interval?.low, interval?.high, budget],
    )
    .filter((ratio) => ratio !== undefined && ratio > 0 && Number.isFinite(ratio)) as number[];
  const low = Math.log10(Math.min(0.5, ...ratios.map((ratio) => ratio / ROOM)));
  const high = Math.log10(Math.max(2, ...ratios.map((ratio) => ratio * ROOM)));
  const width = AXIS_WIDTH_PX - 2 * MARGIN_PX;
  const at = (ratio: number): number => {
    const place = Math.log10(Math.max(ratio, Number.MIN_VALUE));
    const share = Math.min(1, Math.max(0, (place - low) / (high - low)));
    return Math.round((MARGIN_PX + share * width) * 10) / 10;
  };
  return { at, ticks: ticksBetween(10 ** low, 10 ** high) };
}

/** Of 1, 2, 5 in each decade; where those are too many, of 1 alone, and then of fewer decades. */
function ticksBetween(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const decades = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const inside = (ticks: readonly number[]): number[] =>
    ticks.filter((tick) => tick >= low && tick <= high);
  const fine = inside(decades.flatMap((decade) => [1, 2, 5].map((digit) => digit * 10 ** decade)));
  if (fine.length <= MOST_TICKS) return fine;
  const coarse = inside(decades.map((decade) => 10 ** decade));
  const step = Math.ceil(coarse.length / MOST_TICKS);
  return coarse.filter((tick) => Math.round(Math.log10(tick)) % step === 0);
}
