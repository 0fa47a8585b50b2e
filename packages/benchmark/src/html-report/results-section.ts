import { budgetVerdict } from '../budget-verdict.ts';
import type { CaseResult } from '../case-result.ts';
import { CERTAIN_COVERAGE } from '../median.ts';
import { readableUnit } from '../readable-unit.ts';
import { escapeHtml } from './escape-html.ts';
import { forestHead, forestRow } from './forest-row.ts';
import { formatNumber, formatRatio } from './format-number.ts';
import type { RatioAxis } from './ratio-axis.ts';

/** What the rows of a report share. */
export interface RowSettings {
  readonly axis: RatioAxis;
  /** Others used the machine: nothing is said to be met. */
  readonly isInvalid: boolean;
}

const HEADS = ['case', 'against', 'ours', 'theirs', 'ratio'] as const;

/** The rows of one suite as a table: what was measured with, then what stands alone; naive ways below. */
export function resultsSection(
  suite: string,
  results: readonly CaseResult[],
  settings: RowSettings,
): string {
  const hasRatios = results.some(({ ratio }) => ratio !== undefined);
  // What all rows read is said once.
  const readings = new Set(results.map(({ reads }) => reads));
  const sharedReads = results.length > 1 && readings.size === 1 ? [...readings][0] : undefined;
  const rows = [
    ...results.filter(({ kind }) => kind !== 'naive'),
    ...results.filter(({ kind }) => kind === 'naive'),
  ].map((result) => resultRow(result, settings, hasRatios, sharedReads === undefined));
  const heads = HEADS.map(
    (head, index) => `<th scope="col"${index > 1 ? ' class="number"' : ''}>${head}</th>`,
  );
  return [
    `<section class="suite"><h2 id="suite-${escapeHtml(suite)}">${escapeHtml(suite)}</h2>`,
    sharedReads === undefined || sharedReads === ''
      ? ''
      : `<p>Each row: ${escapeHtml(sharedReads)}.</p>`,
    '<table class="results"><thead><tr>',
    ...heads,
    hasRatios ? `<th scope="col" class="drawing">${forestHead(settings.axis)}</th>` : '',
    '<th scope="col">asked for</th></tr></thead><tbody>',
    ...rows,
    '</tbody></table></section>',
  ].join('');
}

function resultRow(
  result: CaseResult,
  { axis, isInvalid }: RowSettings,
  hasRatios: boolean,
  hasReads: boolean,
): string {
  const { id, reads, kind, value, baselineValue, ratio, rounds } = result;
  const { unit, divisor } = readableUnit(value, result.unit);
  const isMissed = budgetVerdict(result) === 'missed';
  const names = [kind === 'naive' ? 'naive' : '', isMissed ? 'missed' : ''];
  const cells = [
    `<th scope="row"><code>${breakable(shortId(id))}</code>${hasReads && reads !== '' ? `<small>${escapeHtml(reads)}</small>` : ''}</th>`,
    `<td>${against(result)}</td>`,
    `<td class="number">${formatNumber(value / divisor)}<small>${escapeHtml(unit)}</small></td>`,
    `<td class="number">${baselineValue === undefined ? '' : formatNumber(baselineValue / divisor)}</td>`,
    `<td class="number">${ratio === undefined ? '' : `<b>${formatRatio(ratio)}×</b>`}${range(result, divisor)}<small>${rounds} ${rounds === 1 ? 'round' : 'rounds'}${coverageText(result)}</small></td>`,
    hasRatios ? `<td class="drawing">${forestRow(result, axis)}</td>` : '',
    `<td>${verdict(result, divisor, isInvalid)}</td>`,
  ];
  return `<tr id="${escapeHtml(id)}" class="${names.join(' ').trim()}">${cells.join('')}</tr>`;
}

/** The suite is the heading. */
function shortId(id: string): string {
  const [, ...rest] = id.split('/');
  return rest.length === 0 ? id : rest.join('/');
}

function breakable(text: string): string {
  return escapeHtml(text).replaceAll('/', '/<wbr>');
}

function against({ baseline, kind }: CaseResult): string {
  if (baseline === undefined) return '<span class="none">stands alone</span>';
  const label = kind === 'naive' ? ' <span class="label">naive</span>' : '';
  return `${escapeHtml(baseline)}${label}`;
}

/** One round has no interval. */
function range({ interval, spread, ratio, rounds }: CaseResult, divisor: number): string {
  if (rounds === 1) return '';
  const format =
    ratio === undefined ? (value: number): string => formatNumber(value / divisor) : formatRatio;
  const [lowest, highest] = spread;
  const [low, high] = interval === undefined ? spread : [interval.low, interval.high];
  const says = `smallest and largest: ${format(lowest)} to ${format(highest)}`;
  return `<span class="range" title="${says}">${format(low)} – ${format(high)}</span>`;
}

/** An interval of few rounds says less than it looks. */
function coverageText({ interval, rounds }: CaseResult): string {
  if (interval === undefined || rounds === 1 || interval.coverage >= CERTAIN_COVERAGE) return '';
  return `, holds the median with ${(interval.coverage * 100).toFixed(0)} %`;
}

function verdict(result: CaseResult, divisor: number, isInvalid: boolean): string {
  const { budget, ratio, isLessBetter } = result;
  const told = budgetVerdict(result);
  if (budget === undefined || told === undefined) return '<span class="none">reported only</span>';
  const bound =
    ratio === undefined
      ? `${isLessBetter ? 'at most' : 'at least'} ${formatNumber(budget / divisor)}`
      : `at least ${formatNumber(budget)}×`;
  const text = {
    met: isInvalid
      ? '<span class="none">not judged: an invalid run</span>'
      : '<span class="good">✓ met</span>',
    open: '<span class="none">? open: the interval holds it</span>',
    missed: '<span class="bad">✗ missed</span>',
  }[told];
  return `${text}<small>${bound}</small>`;
}
