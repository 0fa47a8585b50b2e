import type { CaseLoad, Load } from '../bench-document.ts';
import { type LoadSample, readLoadSample } from './load-sample.ts';

/**
 * A run in which others had more than this share of all cores' time, in any stretch, is invalid. The kernel samples its figures by the tick and keeps those of processes exactly: on two busy cores they
 * differed by up to 9 % of half a second, 1.5 % of two seconds and 1 % of five, so this is well above what is no load at all, and a tenth of one of two cores.
 */
const MOST_RATIO = 0.05;
/* Shorter cases are judged together with those that follow. */
const LEAST_STRETCH_MS = 2000;

/** Several cases in a row that are judged together. */
interface Stretch {
  readonly ids: readonly string[];
  readonly start: LoadSample;
}

/** Watches what others do on the machine while a benchmark runs: sampled between cases, so that it costs none of them anything. */
export class LoadWatch {
  readonly #read: () => LoadSample;
  readonly #whyNot: string | undefined;
  readonly #first: LoadSample | undefined;
  #last: LoadSample | undefined;
  #stretch: Stretch | undefined;
  #mostOthersRatio = 0;
  readonly #reasons: string[] = [];
  readonly #cases: CaseLoad[] = [];
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
    this.#last = this.#first;
    if (this.#first !== undefined) this.#stretch = { ids: [], start: this.#first };
  }

  /** Says that a case has ended; the next begins. */
  caseEnded(id: string): CaseLoad {
    const load = this.#loadOfCase(id);
    this.#cases.push(load);
    return load;
  }

  #loadOfCase(id: string): CaseLoad {
    if (this.#last === undefined || this.#stretch === undefined) {
      const startMs = this.#caseStartMs;
      this.#caseStartMs = performance.now();
      const tookS = (this.#caseStartMs - startMs) / 1000;
      return { id, tookS, othersRatio: undefined, stolenRatio: undefined };
    }
    const now = this.#read();
    const tookS = (now.atMs - this.#last.atMs) / 1000;
    const shares = sharesOf(this.#last, now);
    this.#last = now;
    this.#stretch = { ...this.#stretch, ids: [...this.#stretch.ids, id] };
    if (now.atMs - this.#stretch.start.atMs >= LEAST_STRETCH_MS) this.#judge(this.#stretch, now);
    return { id, tookS, ...shares };
  }

  /** What there is to say until now. */
  result(): Load {
    const cases = [...this.#cases];
    if (this.#first === undefined || this.#last === undefined || this.#stretch === undefined) {
      return {
        isValid: undefined,
        othersRatio: undefined,
        mostOthersRatio: undefined,
        stolenRatio: undefined,
        reasons: [this.#whyNot ?? ''],
        cases,
      };
    }
    // A rest that is too short is judged only where there is nothing else: it says little.
    const isAll = this.#stretch.start === this.#first;
    if (isAll && this.#stretch.ids.length > 0) this.#judge(this.#stretch, this.#last);
    return {
      isValid: this.#reasons.length === 0,
      ...sharesOf(this.#first, this.#last),
      mostOthersRatio: this.#mostOthersRatio,
      reasons: [...this.#reasons],
      cases,
    };
  }

  #judge({ ids, start }: Stretch, end: LoadSample): void {
    const { othersRatio, stolenRatio } = sharesOf(start, end);
    this.#mostOthersRatio = Math.max(this.#mostOthersRatio, othersRatio);
    const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
    if (othersRatio + stolenRatio > MOST_RATIO) {
      this.#reasons.push(
        `${ids.join(', ')}: others had ${percent(othersRatio)} of all cores' time, the hypervisor's other guests ${percent(stolenRatio)}; at most ${percent(MOST_RATIO)} is no load`,
      );
    }
    this.#stretch = { ids: [], start: end };
  }
}

function sharesOf(
  start: LoadSample,
  end: LoadSample,
): { readonly othersRatio: number; readonly stolenRatio: number } {
  const totalTicks = end.totalTicks - start.totalTicks;
  if (totalTicks <= 0) return { othersRatio: 0, stolenRatio: 0 };
  const othersTicks = end.busyTicks - start.busyTicks - (end.ownTicks - start.ownTicks);
  return {
    // Below nothing is what the kernel's sampling is wrong by.
    othersRatio: Math.max(0, othersTicks / totalTicks),
    stolenRatio: Math.max(0, (end.stolenTicks - start.stolenTicks) / totalTicks),
  };
}
