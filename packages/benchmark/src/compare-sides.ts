import type { BaselineKind, CaseResult } from './case-result.ts';
import { comparison } from './comparison.ts';
import { median } from './median.ts';
import type { Pass } from './pass.ts';

/** One of those that our passes are compared with. */
export interface Baseline {
  /** Appended to the id of the case: `…/c`, `…/go`. */
  readonly name: string;
  /** For people: `C -O3 -march=native`. */
  readonly title: string;
  readonly kind: BaselineKind;
  /** The least ratio that is asked for. */
  readonly budget?: number | undefined;
  readonly run: () => Promise<Pass> | Pass;
}

export interface CompareOptions {
  readonly id: string;
  readonly reads: string;
  /** Units of work in one pass, for the value per second. */
  readonly units: number;
  /** Of the value: `events/s`. */
  readonly unit: string;
  /** Counted rounds. */
  readonly rounds: number;
  readonly ours: () => Promise<Pass> | Pass;
  readonly baselines: readonly Baseline[];
}

/** What came of it: a row for each baseline, and the median times. */
export interface Compared {
  readonly results: readonly CaseResult[];
  readonly oursNs: number;
  /** By the name of the baseline. */
  readonly baselinesNs: ReadonlyMap<string, number>;
}

/**
 * Takes passes in turn: each round one of every side, so that drift of the machine hits all alike; after a round that is not counted. Every second round goes the other way around, and each pair begins one side later:
 * so each side comes to every place, after every neighbour, and (of three or more) never right after itself.
 * The ratio is the median of the rounds' ratios. All sides must give the same answer: a benchmark that computes something else measures nothing.
 *
 * @throws Error where the answers differ
 */
export async function compareSides(options: CompareOptions): Promise<Compared> {
  const { baselines, rounds, units } = options;
  const sides = [options.ours, ...baselines.map((baseline) => baseline.run)];
  const times: number[][] = sides.map(() => []);
  for (let round = -1; round < rounds; round++) {
    const passes: Pass[] = [];
    for (const side of orderOf(round + 1, sides.length))
      passes[side] = await (sides[side] as CompareOptions['ours'])();
    checkSame(options, passes);
    if (round >= 0) for (const [side, { ns }] of passes.entries()) times[side]?.push(ns);
  }
  const [ours = [], ...theirs] = times;
  const perSec = (ns: readonly number[]): number[] => ns.map((one) => units / (one / 1e9));
  const results = baselines.map(({ name, title, kind, budget }, index) =>
    comparison({
      id: `${options.id}/${name}`,
      reads: options.reads,
      unit: options.unit,
      isLessBetter: false,
      baseline: title,
      kind,
      ours: perSec(ours),
      theirs: perSec(theirs[index] as number[]),
      budget,
    }),
  );
  const baselinesNs = new Map(
    baselines.map(({ name }, index) => [name, median(theirs[index] as number[])]),
  );
  return { results, oursNs: median(ours), baselinesNs };
}

/** Indices of the sides in the order of a round, counted from 0 on. */
function orderOf(round: number, count: number): number[] {
  const step = round % 2 === 0 ? 1 : count - 1;
  const first = Math.ceil(round / 2);
  return Array.from({ length: count }, (_, place) => (first + place * step) % count);
}

function checkSame({ id, baselines }: CompareOptions, [ours, ...theirs]: readonly Pass[]): void {
  for (const [index, { answer }] of theirs.entries()) {
    if (answer === ours?.answer) continue;
    throw new Error(
      `${id}: ours found ${ours?.answer}, ${baselines[index]?.title} found ${answer}`,
    );
  }
}
