import type { CaseResult } from '../case-result.ts';
import { escapeHtml } from './escape-html.ts';
import { formatNumber } from './format-number.ts';
import { AXIS_WIDTH_PX, type RatioAxis } from './ratio-axis.ts';

const HEIGHT_PX = 26;
const HEAD_HEIGHT_PX = 18;
const MIDDLE = HEIGHT_PX / 2;
const CAP = 4;
const BUDGET = 8;

/** The head of the drawings' column: the axis with its ticks. */
export function forestHead({ at, ticks }: RatioAxis): string {
  const texts = ticks.map(
    (tick) =>
      `<text x="${at(tick)}" y="12" text-anchor="middle"${tick === 1 ? ' class="one"' : ''}>${formatNumber(tick)}×</text>`,
  );
  return svg(HEAD_HEIGHT_PX, 'ratios on a logarithmic axis', texts);
}

/** One ratio with its interval; the line at 1; a tick where the budget is. */
export function forestRow(result: CaseResult, axis: RatioAxis): string {
  const { ratio, budget, kind, rounds } = result;
  // One round has none.
  const interval = rounds === 1 ? undefined : result.interval;
  if (ratio === undefined) return '';
  const { at, ticks } = axis;
  const grid = ticks.map((tick) => vertical(at(tick), 0, HEIGHT_PX, tick === 1 ? 'one' : 'grid'));
  const [low, high] = interval === undefined ? [ratio, ratio] : [interval.low, interval.high];
  const marks = [
    ...grid,
    ...(ticks.includes(1) ? [] : [vertical(at(1), 0, HEIGHT_PX, 'one')]),
    ...(budget === undefined
      ? []
      : [vertical(at(budget), MIDDLE - BUDGET, MIDDLE + BUDGET, 'budget')]),
    `<g class="${kind ?? 'self'}">`,
    ...(interval === undefined
      ? []
      : [
          `<line x1="${at(low)}" y1="${MIDDLE}" x2="${at(high)}" y2="${MIDDLE}"/>`,
          vertical(at(low), MIDDLE - CAP, MIDDLE + CAP, 'cap'),
          vertical(at(high), MIDDLE - CAP, MIDDLE + CAP, 'cap'),
        ]),
    marker(kind, at(ratio)),
    '</g>',
  ];
  const says = `${result.id}: ratio ${formatNumber(ratio)}${interval === undefined ? '' : `, from ${formatNumber(low)} to ${formatNumber(high)}`}`;
  return svg(HEIGHT_PX, says, marks);
}

/** Told apart by shape too, not by colour alone. */
function marker(kind: CaseResult['kind'], x: number): string {
  if (kind === 'naive')
    return `<path d="M${x - 5} ${MIDDLE}L${x} ${MIDDLE - 5}L${x + 5} ${MIDDLE}L${x} ${MIDDLE + 5}Z"/>`;
  if (kind === 'peer') return `<circle cx="${x}" cy="${MIDDLE}" r="4.5"/>`;
  return `<rect x="${x - 4}" y="${MIDDLE - 4}" width="8" height="8"/>`;
}

function vertical(x: number, top: number, bottom: number, name: string): string {
  return `<line class="${name}" x1="${x}" y1="${top}" x2="${x}" y2="${bottom}"/>`;
}

function svg(heightPx: number, says: string, content: readonly string[]): string {
  return `<svg class="forest" viewBox="0 0 ${AXIS_WIDTH_PX} ${heightPx}" width="${AXIS_WIDTH_PX}" height="${heightPx}" role="img" aria-label="${escapeHtml(says)}">${content.join('')}</svg>`;
}
