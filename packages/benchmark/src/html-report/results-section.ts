import type { CaseResult } from '../case-result.ts';
import { escapeHtml } from './escape-html.ts';
import { forestHead, forestRow } from './forest-row.ts';
import { formatNumber, formatRatio } from './format-number.ts';
import type { RatioAxis } from './ratio-axis.ts';

const HEADS = ['case', 'against', 'ours', 'theirs', 'ratio'] as const;

/** The rows of one suite as a table: what was measured with, then what stands alone; naive ways below. */
export function resultsSection(
  suite: string,
  results: readonly CaseResult[],
  axis: RatioAxis,
): string {
  const hasRatios = results.some(({ ratio }) => ratio !== undefined);
  const rows = [
    ...results.filter(({ kind }) => kind !== 'naive'),
    ...results.filter(({ kind }) => kind === 'naive'),
  ].map((result) => resultRow(result, axis, hasRatios));
  const heads = HEADS.map(
    (head, index) => `<th scope="col"${index > 1 ? ' class="number"' : ''}>${head}</th>`,
  );
  return [
    `<section class="suite"><h2 id="suite-${escapeHtml(suite)}">${escapeHtml(suite)}</h2>`,
    '<table class="results"><thead><tr>',
    ...heads,
    hasRatios ? `<th scope="col" class="drawing">${forestHead(axis)}</th>` : '',
    '<th scope="col">asked for</th></tr></thead><tbody>',
    ...rows,
    '</tbody></table></section>',
  ].join('');
}

function resultRow(result: CaseResult, axis: RatioAxis, hasRatios: boolean): string {
  const { id, reads, unit, kind, value, baselineValue, ratio, rounds } = result;
  const names = [kind === 'naive' ? 'naive' : '', result.pass === false ? 'missed' : ''];
  const cells = [
    `<th scope="row"><code>${breakable(shortId(id))}</code><small>${escapeHtml(reads)}</small></th>`,
    `<td>${against(result)}</td>`,
    `<td class="number">${formatNumber(value)}<small>${escapeHtml(unit)}</small></td>`,
    `<td class="number">${baselineValue === undefined ? '' : formatNumber(baselineValue)}</td>`,
    `<td class="number">${ratio === undefined ? '' : `<b>${formatRatio(ratio)}×</b>`}${range(result)}<small>${rounds} rounds</small></td>`,
    hasRatios ? `<td class="drawing">${forestRow(result, axis)}</td>` : '',
    `<td>${verdict(result)}</td>`,
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

function range({ interval, spread, ratio }: CaseResult): string {
  const format = ratio === undefined ? formatNumber : formatRatio;
  const [lowest, highest] = spread;
  const [low, high] = interval === undefined ? spread : [interval.low, interval.high];
  const says = `smallest and largest: ${format(lowest)} to ${format(highest)}`;
  return `<span class="range" title="${says}">${format(low)} – ${format(high)}</span>`;
}

function verdict({ budget, pass, ratio, isLessBetter }: CaseResult): string {
  if (budget === undefined) return '<span class="none">reported only</span>';
  const bound =
    ratio === undefined && isLessBetter
      ? `at most ${formatNumber(budget)}`
      : `at least ${formatNumber(budget)}${ratio === undefined ? '' : '×'}`;
  return pass === false
    ? `<span class="bad">✗ missed</span><small>${bound}</small>`
    : `<span class="good">✓ met</span><small>${bound}</small>`;
}
