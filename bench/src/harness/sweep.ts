import {
  type Axis,
  type CaseResult,
  comparison,
  type ComparisonOptions,
  median,
  type Pass,
  type Plot,
} from '@sockflow/benchmark';

/** One way of doing the work, at every point that it has a pass for. */
export interface Curve<At> {
  readonly name: string;
  /** Curves that compute the same must give the same answer; where not given, all do. */
  readonly computes?: string;
  /** `undefined` where this way has no such point. */
  readonly pass: (at: At) => (() => Promise<Pass> | Pass) | undefined;
}

/** A point of the x axis: what it is called there, and what a curve needs of it. */
export interface SweepPoint<At> {
  readonly x: number | string;
  readonly at: At;
}

export interface SweepOptions<At> {
  readonly id: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly rounds: number;
  readonly points: readonly SweepPoint<At>[];
  readonly curves: readonly Curve<At>[];
  /** What a pass of so many ns is on the y axis. */
  yOf(ns: number, at: At): number;
  /** Whether a point's passes are so long that none need be taken before those that count; where not given, none are. */
  isLong?(at: At): boolean;
}

/** A row of the sweep: one curve against another at one point. */
export interface SweepRow<At> extends Omit<ComparisonOptions, 'ours' | 'theirs' | 'budget'> {
  readonly curve: string;
  readonly against: string;
  readonly x: SweepPoint<At>['x'];
}

interface Side<At> {
  readonly curve: string;
  /** What it must agree with the others on. */
  readonly computes: string;
  readonly point: SweepPoint<At>;
  readonly run: () => Promise<Pass> | Pass;
  readonly times: number[];
}

/** What a sweep measured. */
export class Swept<At> {
  readonly plot: Plot;
  readonly #options: SweepOptions<At>;
  readonly #sides: readonly Side<At>[];

  constructor(options: SweepOptions<At>, sides: readonly Side<At>[]) {
    this.#options = options;
    this.#sides = sides;
    const { id, title, x, y } = options;
    const series = options.curves.map(({ name }) => ({
      name,
      points: sides.filter(({ curve }) => curve === name).map((side) => this.#pointOf(side)),
    }));
    this.plot = { id, title, x, y, series: series.filter(({ points }) => points.length > 0) };
  }

  /** The row, or `undefined` where one of the two has no such point. */
  row(row: SweepRow<At>): CaseResult | undefined {
    const ours = this.#side(row.curve, row.x);
    const theirs = this.#side(row.against, row.x);
    if (ours === undefined || theirs === undefined) return undefined;
    const { id, reads, unit, isLessBetter, baseline, kind } = row;
    return comparison({
      id,
      reads,
      unit,
      isLessBetter,
      baseline,
      kind,
      ours: this.#valuesOf(ours),
      theirs: this.#valuesOf(theirs),
    });
  }

  #side(curve: string, x: SweepPoint<At>['x']): Side<At> | undefined {
    return this.#sides.find((side) => side.curve === curve && side.point.x === x);
  }

  #valuesOf({ point, times }: Pick<Side<At>, 'point' | 'times'>): number[] {
    return times.map((ns) => this.#options.yOf(ns, point.at));
  }

  #pointOf({ point, times }: Side<At>): Plot['series'][number]['points'][number] {
    const values = this.#valuesOf({ point, times });
    return { x: point.x, y: median(values), low: Math.min(...values), high: Math.max(...values) };
  }
}

/**
 * Takes passes round by round over all points and curves, in the one order and in the next round in the other, so that drift of the machine hits all alike; after a round that is not counted.
 * All curves must give the same answer at a point, and each the same in every round.
 *
 * @throws Error where answers differ
 */
export async function sweep<At>(options: SweepOptions<At>): Promise<Swept<At>> {
  const sides: Side<At>[] = options.points.flatMap((point) =>
    options.curves.flatMap(({ name, computes = '', pass }): Side<At>[] => {
      const run = pass(point.at);
      return run === undefined
        ? []
        : [{ curve: name, computes: `${computes} at ${point.x}`, point, run, times: [] }];
    }),
  );
  const answers = new Map<string, string>();
  for (let round = -1; round < options.rounds; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      if (round < 0 && options.isLong?.(side.point.at) === true) continue;
      const { ns, answer } = await side.run();
      const expected = answers.get(side.computes) ?? answer;
      answers.set(side.computes, expected);
      if (answer !== expected) {
        throw new Error(
          `${options.id} ${side.computes}: ${side.curve} found ${answer}, another ${expected}`,
        );
      }
      if (round >= 0) side.times.push(ns);
    }
  }
  return new Swept(options, sides);
}

/** First, middle and last where only that all runs is to be seen. */
export function fewPoints<T>(points: readonly T[], isSmoke: boolean): readonly T[] {
  if (!isSmoke || points.length <= 3) return points;
  return points.filter(
    (_point, index) => index === 0 || index === points.length >> 1 || index === points.length - 1,
  );
}
