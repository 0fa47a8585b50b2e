import type { CaseLoad, Load } from '../bench-document.ts';
import { type LoadSample, readLoadSample } from './load-sample.ts';

/**
 * A run in which others had more than this share of all cores' time, in any stretch, is invalid. The kernel samples its figures by the tick and keeps those of processes exactly: on two busy cores they
 * differed by up to 9 % of half a second, 1.5 % of two seconds and 1 % of five, so this is well above what is no load at all, and a tenth of one of two cores.
 */
const MOST_RATIO = 0.05;
/** What is shorter is judged together with what follows. */
const LEAST_STRETCH_MS = 2000;

/** What is judged at once: several short cases, one, or a part of a long one. */
interface Stretch {
  /** Of the cases with time in it, as far as they have ended. */
  readonly ids: readonly string[];
  readonly start: LoadSample;
  readonly end: LoadSample;
}

/** Watches what others do on the machine while a benchmark runs: sampled between cases, and within them by whoever calls {@link LoadWatch.sample}. */
export class LoadWatch {
  readonly #read: () => LoadSample;
  readonly #whyNot: string | undefined;
  readonly #first: LoadSample | undefined;
  /** Complete ones, the earliest first. */
  readonly #stretches: Stretch[] = [];
  /** Those of the case under way: it has no id before it ends. */
  #ofCase: Stretch[] = [];
  /** Too short yet to be judged. */
  #rest: Stretch | undefined;
  readonly #cases: CaseLoad[] = [];
  #caseStart: LoadSample | undefined;
  #caseStartMs: number;

  /** @param read by default, of `/proc` and for this process */
  constructor(read: () => LoadSample = readLoadSample) {
    this.#read = read;
    this.#caseStartMs = performance.now();
    try {
      this.#first = read();
    } catch (error) {
      this.#whyNot = `the load can be told on Linux only: ${error instanceof Error ? error.message : String(error)}`;
    }
    this.#caseStart = this.#first;
    if (this.#first !== undefined) this.#rest = { ids: [], start: this.#first, end: this.#first };
  }

  /** Looks at the machine within a case: what others do in two seconds of it is then not made small by the minutes that it takes. */
  sample(): void {
    if (this.#rest === undefined) return;
    const rest = { ...this.#rest, end: this.#read() };
    if (lengthMs(rest) < LEAST_STRETCH_MS) return;
    this.#ofCase.push(rest);
    this.#rest = { ids: [], start: rest.end, end: rest.end };
  }

  /** Says that a case has ended; the next begins. */
  caseEnded(id: string): CaseLoad {
    const load = this.#loadOfCase(id);
    this.#cases.push(load);
    return load;
  }

  #loadOfCase(id: string): CaseLoad {
    if (this.#caseStart === undefined || this.#rest === undefined) {
      const startMs = this.#caseStartMs;
      this.#caseStartMs = performance.now();
      const tookS = (this.#caseStartMs - startMs) / 1000;
      return { id, tookS, othersRatio: undefined, stolenRatio: undefined };
    }
    const now = this.#read();
    const span = { start: this.#caseStart, end: now };
    this.#caseStart = now;
    const withId = (one: Stretch): Stretch => ({ ...one, ids: [...one.ids, id] });
    this.#stretches.push(...this.#ofCase.map(withId));
    this.#ofCase = [];
    this.#rest = withId({ ...this.#rest, end: now });
    if (lengthMs(this.#rest) >= LEAST_STRETCH_MS) {
      this.#stretches.push(this.#rest);
      this.#rest = { ids: [], start: now, end: now };
    }
    return { id, tookS: lengthMs(span) / 1000, ...sharesOf(span) };
  }

  /** What there is to say of the cases that have ended. */
  result(): Load {
    const cases = [...this.#cases];
    if (this.#first === undefined || this.#caseStart === undefined || this.#rest === undefined) {
      return {
        isValid: undefined,
        othersRatio: undefined,
        mostOthersRatio: undefined,
        stolenRatio: undefined,
        reasons: [this.#whyNot ?? ''],
        cases,
      };
    }
    const all = { ids: ['the whole run'], start: this.#first, end: this.#caseStart };
    const stretches = withRest(this.#stretches, this.#rest);
    return {
      isValid: [...stretches, all].every((one) => isQuiet(sharesOf(one))),
      ...sharesOf(all),
      mostOthersRatio: Math.max(0, ...stretches.map((one) => sharesOf(one).othersRatio)),
      reasons: reasonsOf([...stretches, all]),
      cases,
    };
  }
}

/** A rest of cases is too short to be judged alone, and is not to be left out either: it is judged with the stretch before it. */
function withRest(stretches: readonly Stretch[], rest: Stretch): readonly Stretch[] {
  if (rest.ids.length === 0) return stretches;
  const before = stretches.at(-1);
  if (before === undefined) return [rest];
  const ids = [...new Set([...before.ids, ...rest.ids])];
  // The stretch before stays: beside a quiet rest it would look quieter than it was.
  return [...stretches, { ids, start: before.start, end: rest.end }];
}

function lengthMs({ start, end }: Pick<Stretch, 'start' | 'end'>): number {
  return end.atMs - start.atMs;
}

interface Shares {
  readonly othersRatio: number;
  readonly stolenRatio: number;
}

function isQuiet(shares: Shares): boolean {
  return sum(shares) <= MOST_RATIO;
}

/** One for each stretch that was not quiet; of a long case, and of the same cases, the worst. */
function reasonsOf(stretches: readonly Stretch[]): string[] {
  const worst = new Map<string, Shares>();
  for (const stretch of stretches) {
    const shares = sharesOf(stretch);
    if (isQuiet(shares)) continue;
    const ids = stretch.ids.join(', ');
    const before = worst.get(ids);
    if (before === undefined || sum(shares) > sum(before)) worst.set(ids, shares);
  }
  const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
  return [...worst].map(
    ([ids, { othersRatio, stolenRatio }]) =>
      `${ids}: others had ${percent(othersRatio)} of all cores' time, the hypervisor's other guests ${percent(stolenRatio)}; at most ${percent(MOST_RATIO)} is no load`,
  );
}

function sum({ othersRatio, stolenRatio }: Shares): number {
  return othersRatio + stolenRatio;
}

function sharesOf({ start, end }: Pick<Stretch, 'start' | 'end'>): Shares {
  const totalTicks = end.totalTicks - start.totalTicks;
  if (totalTicks <= 0) return { othersRatio: 0, stolenRatio: 0 };
  const othersTicks = end.busyTicks - start.busyTicks - (end.ownTicks - start.ownTicks);
  return {
    // Below nothing is what the kernel's sampling is wrong by.
    othersRatio: Math.max(0, othersTicks / totalTicks),
    stolenRatio: Math.max(0, (end.stolenTicks - start.stolenTicks) / totalTicks),
  };
}
