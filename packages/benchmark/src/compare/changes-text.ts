import type { MedianInterval } from '../case-result.ts';
import type { BenchChanges, RatioChange } from './bench-changes.ts';

const ID_WIDTH = 48;
const RATIO_WIDTH = 21;
const FACTOR_WIDTH = 7;

/** For people: a table of the rows whose ratio changed, and what else is to be known. */
export function changesText(changes: BenchChanges): string {
  const { ratios, missing, added, newlyMissed, differences, invalid } = changes;
  const changed = ratios.filter(({ verdict }) => verdict === 'worse' || verdict === 'better');
  const count = (verdict: RatioChange['verdict']): number =>
    ratios.filter((row) => row.verdict === verdict).length;
  return [
    ...invalid.map((reason) => `invalid run, ${reason}`),
    ...differences.map((difference) => `differs: ${difference}`),
    ...(changed.length === 0 ? [] : [head(), ...changed.map(line)]),
    ...newlyMissed.map((id) => `budget newly missed: ${id}`),
    ...missing.map(
      ({ id, reason }) => `missing: ${id}${reason === undefined ? '' : `: ${reason}`}`,
    ),
    ...added.map((id) => `new: ${id}`),
    `${ratios.length} ratios: ${count('worse')} worse, ${count('better')} better, ${count('same')} the same${ofFewRounds(count('unknown'))}; ${newlyMissed.length} budgets newly missed, ${missing.length} rows missing, ${added.length} new`,
  ].join('\n');
}

function ofFewRounds(count: number): string {
  return count === 0 ? '' : `, ${count} of too few rounds to tell`;
}

function head(): string {
  return cells('row', 'before', 'after', 'change', '');
}

function line({ id, before, after, factor, verdict }: RatioChange): string {
  const ratio = (value = NaN, interval?: MedianInterval): string =>
    `${value.toFixed(2)}x${interval === undefined ? '' : ` ${interval.low.toFixed(2)}-${interval.high.toFixed(2)}`}`;
  return cells(
    id,
    ratio(before.ratio, before.interval),
    ratio(after.ratio, after.interval),
    `${factor >= 1 ? '+' : ''}${((factor - 1) * 100).toFixed(0)} %`,
    verdict,
  );
}

function cells(id: string, before: string, after: string, change: string, verdict: string): string {
  return [
    id.padEnd(ID_WIDTH),
    before.padStart(RATIO_WIDTH),
    after.padStart(RATIO_WIDTH),
    change.padStart(FACTOR_WIDTH),
    verdict,
  ]
    .join('  ')
    .trimEnd();
}
