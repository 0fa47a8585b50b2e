import type { BenchDocument } from '../bench-document.ts';
import type { CaseResult } from '../case-result.ts';
import { CERTAIN_COVERAGE } from '../median.ts';
import type { BenchChanges, MissingRow, RatioChange } from './bench-changes.ts';

export interface CompareDocumentsOptions {
  /** By which share a ratio may fall, or rise, before it is a change; even where the intervals do not overlap. */
  readonly toleranceRatio?: number;
  /** Which of a row's ratios: the median, or that of each side's best pass, for machines that others use; it has no interval, so the tolerance alone decides. */
  readonly by?: 'median' | 'best';
  /** Only rows with an id that it takes. */
  readonly only?: (id: string) => boolean;
}

/** What a process's compiler chose and where its memory lies lasts for its life, so no interval of its rounds covers it: two runs of one build, minutes apart, differed by 2 to 7 % in the ratios of small inputs. */
export const DEFAULT_TOLERANCE_RATIO = 0.1;

/**
 * Compares two runs row by row, by their ids, and by *ratios*: a ratio is of two sides that were measured in turn, so it says something on another machine, where a time does not. A
 * row got worse where its interval lies below that of the run before and its ratio fell by more than the tolerance. Figures without a ratio are compared by their budget alone.
 */
export function compareDocuments(
  before: BenchDocument,
  after: BenchDocument,
  options: CompareDocumentsOptions = {},
): BenchChanges {
  const { toleranceRatio = DEFAULT_TOLERANCE_RATIO, by = 'median', only = () => true } = options;
  const earlier = rowsById(before, only);
  const later = rowsById(after, only);
  const ratios: RatioChange[] = [];
  const newlyMissed: string[] = [];
  for (const [id, row] of later) {
    const old = earlier.get(id);
    if (old === undefined) continue;
    const change = ratioChange(old, row, toleranceRatio, by);
    if (change !== undefined) ratios.push(change);
    if (old.pass === true && row.pass === false) newlyMissed.push(id);
  }
  const missing = [...earlier.keys()]
    .filter((id) => !later.has(id))
    .map((id) => missingRow(id, after));
  return {
    ratios: ratios.toSorted((a, b) => a.factor - b.factor),
    missing,
    added: [...later.keys()].filter((id) => !earlier.has(id)),
    newlyMissed,
    differences: differencesOf(before, after),
    invalid: [...invalidOf('before', before), ...invalidOf('after', after)],
    isWorse:
      newlyMissed.length > 0 ||
      missing.some(({ reason }) => reason === undefined) ||
      ratios.some(({ verdict }) => verdict === 'worse'),
  };
}

function rowsById(
  { results }: BenchDocument,
  only: (id: string) => boolean,
): ReadonlyMap<string, CaseResult> {
  return new Map(results.filter(({ id }) => only(id)).map((row) => [row.id, row]));
}

function ratioChange(
  before: CaseResult,
  after: CaseResult,
  toleranceRatio: number,
  by: 'median' | 'best',
): RatioChange | undefined {
  const [old, now] = [endsOf(before, by), endsOf(after, by)];
  if (old === undefined || now === undefined) return undefined;
  const factor = now.ratio / old.ratio;
  const isWorse = now.high < old.low && factor < 1 - toleranceRatio;
  const isBetter = now.low > old.high && factor > 1 / (1 - toleranceRatio);
  const isCertain = by === 'best' || [before, after].every(isOfEnoughRounds);
  const change = isWorse ? 'worse' : isBetter ? 'better' : 'same';
  return { id: after.id, before, after, factor, verdict: isCertain ? change : 'unknown' };
}

function isOfEnoughRounds({ interval }: CaseResult): boolean {
  return interval !== undefined && interval.coverage >= CERTAIN_COVERAGE;
}

interface Ends {
  readonly low: number;
  readonly ratio: number;
  readonly high: number;
}

function endsOf(
  { ratio, bestRatio, interval }: CaseResult,
  by: 'median' | 'best',
): Ends | undefined {
  const taken = by === 'best' ? bestRatio : ratio;
  if (taken === undefined) return undefined;
  const { low, high } = (by === 'median' ? interval : undefined) ?? { low: taken, high: taken };
  return { low, ratio: taken, high };
}

/** A whole case may be left out (`suite/case`), or the row. */
function missingRow(id: string, { leftOut }: BenchDocument): MissingRow {
  const [suite, , ...names] = id.split('/');
  const isOf = (other: string): boolean =>
    other === id ||
    names.some((name) => `${suite}/${name}` === other) ||
    id.startsWith(`${other}/`);
  return { id, reason: leftOut.find((one) => isOf(one.id))?.reason };
}

function invalidOf(name: string, { load, isInterrupted }: BenchDocument): string[] {
  const reasons = load.isValid === false ? load.reasons : [];
  return [...(isInterrupted === true ? ['it was interrupted'] : []), ...reasons].map(
    (reason) => `${name}: ${reason}`,
  );
}

/** Facts that decide how two sides compare: a cache that holds one side's data, not the other's. */
function differencesOf(before: BenchDocument, after: BenchDocument): string[] {
  const facts = ({ machine, settings, version }: BenchDocument): Record<string, string> => ({
    version,
    cpu: machine.cpu,
    cores: String(machine.cores),
    caches: machine.caches.join(', '),
    'memory GiB': String(machine.memoryGiB),
    kernel: machine.kernel,
    node: machine.node,
    virtual: String(machine.isVirtual),
    governor: machine.governor ?? 'unknown',
    boost: String(machine.isBoosted ?? 'unknown'),
    'quota cores': String(machine.quotaCores ?? 'none'),
    ...prefixed('toolchain', machine.toolchains),
    ...prefixed('setting', settings),
  });
  const [old, now] = [facts(before), facts(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((name) => old[name] !== now[name])
    .map((name) => `${name}: ${old[name] ?? 'none'} -> ${now[name] ?? 'none'}`);
}

function prefixed(
  prefix: string,
  values: Readonly<Record<string, string | number | boolean>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${prefix} ${name}`, String(value)]),
  );
}
