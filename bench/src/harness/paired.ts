import type { CaseResult } from './case-result.ts';

/** One pass: how long it took, what it worked on, and what it found, which must be the same on both sides. */
export interface Pass {
  readonly ns: number;
  readonly answer: string;
}

export interface PairedOptions {
  readonly id: string;
  /** Units of work in one pass, for the value per second. */
  readonly units: number;
  readonly unit: string;
  readonly baseline: string;
  readonly budget: number | undefined;
  readonly rounds: number;
  readonly ours: () => Promise<Pass> | Pass;
  readonly theirs: () => Promise<Pass> | Pass;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Takes passes in turn (ours, theirs, theirs, ours, …), so that drift of the machine hits both alike, after one pass each that is not counted.
 * The ratio is the median of the pairs' ratios. Both sides must give the same answer: a benchmark that computes something else measures nothing.
 */
export async function paired(options: PairedOptions): Promise<CaseResult> {
  const { id, ours, theirs, rounds } = options;
  const warm = [await ours(), await theirs()] as const;
  if (warm[0].answer !== warm[1].answer) {
    throw new Error(
      `${id}: ours found ${warm[0].answer}, ${options.baseline} found ${warm[1].answer}`,
    );
  }
  const ratios: number[] = [];
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const isOursFirst = round % 2 === 0;
    const first = isOursFirst ? await ours() : await theirs();
    const second = isOursFirst ? await theirs() : await ours();
    const [mine, other] = isOursFirst ? [first, second] : [second, first];
    if (mine.answer !== other.answer)
      throw new Error(`${id}: answers differ: ${mine.answer}, ${other.answer}`);
    ratios.push(other.ns / mine.ns);
    times.push(mine.ns);
  }
  const ratio = median(ratios);
  return {
    id,
    value: options.units / (median(times) / 1e9),
    unit: options.unit,
    baseline: options.baseline,
    ratio,
    spread: [Math.min(...ratios), Math.max(...ratios)],
    budget: options.budget,
    pass: options.budget === undefined ? undefined : ratio >= options.budget,
  };
}

/** Times a synchronous pass. */
export function timed(run: () => string): Pass {
  const start = process.hrtime.bigint();
  const answer = run();
  return { ns: Number(process.hrtime.bigint() - start), answer };
}

/** Times an asynchronous pass. */
export async function timedAsync(run: () => Promise<string>): Promise<Pass> {
  const start = process.hrtime.bigint();
  const answer = await run();
  return { ns: Number(process.hrtime.bigint() - start), answer };
}
