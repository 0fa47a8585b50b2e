import { formatAmount, formatDurationUs } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { countBars } from './count-bars.ts';
import type { EventStatistics } from './event-statistics.ts';
import { labelled } from './labelled-lines.ts';
import type { RttRange } from './rtt-histogram.ts';

/** The RTT samples, each by itself or folded into summaries: quantiles, extremes, and how many are in each doubling. */
export function renderRtt(terminal: Terminal, { rtt, rttSummaries }: EventStatistics): string {
  const { count, folded, isExact, lowUs = 0, highUs = 0 } = rtt;
  if (count === 0) return '';
  const quantile = (share: number): string =>
    `${isExact ? '' : '~'}${formatDurationUs(rtt.quantileUs(share) ?? 0)}`;
  const samples = formatAmount(count, 'sample');
  const ofThem = folded === count ? '' : `, ${formatAmount(folded, 'of them', 'of them')}`;
  const source =
    folded === 0
      ? samples
      : `${samples}${ofThem} in ${formatAmount(rttSummaries, 'summary', 'summaries')}`;
  const lines = [
    labelled(terminal, 'quantiles', [
      `p50 ${quantile(0.5)} · p90 ${quantile(0.9)} · p99 ${quantile(0.99)}`,
    ]),
    labelled(terminal, 'range', [`${formatDurationUs(lowUs)} to ${formatDurationUs(highUs)}`]),
    labelled(terminal, 'from', [source]),
  ];
  const rows = rtt.ranges().map((range) => ({ name: nameOf(range), events: range.samples }));
  return `${terminal.colors.bold('RTT')}\n${lines.join('\n')}\n${countBars(terminal, rows, count)}`;
}

function nameOf({ startUs, endUs }: RttRange): string {
  if (startUs === 0 && endUs !== undefined) return `below ${formatDurationUs(endUs)}`;
  return `from ${formatDurationUs(startUs)}`;
}
