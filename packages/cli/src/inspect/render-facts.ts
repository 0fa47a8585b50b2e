import type { WallZone } from '@sockflow/sinks';

import { sparkline } from '../terminal/bars.ts';
import {
  formatAmount,
  formatCount,
  formatDurationUs,
  formatShort,
  formatWallNs,
} from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { EventStatistics, OriginStatistics } from './event-statistics.ts';
import { eventsPerSec, totalLost, wallNsOf } from './inspection.ts';
import { columnsBesideLabel, labelled } from './labelled-lines.ts';
import type { RecordingFacts } from './recording-facts.ts';

const US_PER_S = 1_000_000;

/** Where and when a recording was made, how it is stored, what was lost and what is damaged. */
export function renderFacts(
  terminal: Terminal,
  facts: RecordingFacts,
  statistics: EventStatistics,
  zone: WallZone,
): string {
  return [
    ...statistics.origins.map((origin) => renderOrigin(terminal, origin, zone)),
    labelled(terminal, 'rate', [rateText(statistics)]),
    labelled(terminal, 'stored in', storageLines(facts)),
    labelled(terminal, 'lost', lossLines(terminal, facts, statistics)),
    labelled(terminal, 'damage', damageLines(terminal, facts)),
  ].join('\n');
}

function rateText(statistics: EventStatistics): string {
  if (statistics.events === 0) return 'no event';
  const rate = eventsPerSec(statistics);
  return rate === undefined ? 'a single moment' : `${formatShort(rate)} events/s on average`;
}

function renderOrigin(terminal: Terminal, statistics: OriginStatistics, zone: WallZone): string {
  const { origin, firstUs, lastUs } = statistics;
  const known = [
    origin.hostName,
    origin.kernelRelease === undefined ? 'kernel not known' : `Linux ${origin.kernelRelease}`,
    origin.hz === undefined ? 'HZ not known: no RTO in time' : `HZ ${origin.hz}`,
  ].filter((text) => text !== undefined);
  const name = labelled(terminal, 'origin', [
    `${terminal.colors.bold(origin.id)}  ${known.join(', ')}`,
  ]);
  if (statistics.events === 0) return name;
  const span = formatDurationUs(lastUs - firstUs);
  const firstWallNs = wallNsOf(statistics, firstUs);
  const lastWallNs = wallNsOf(statistics, lastUs);
  const boot = `${seconds(firstUs)} to ${seconds(lastUs)} s since boot`;
  const time =
    firstWallNs === undefined || lastWallNs === undefined
      ? [`${span}, ${boot}; wall clock not known`]
      : [`${span}, ${formatWallNs(firstWallNs, zone)} to ${formatWallNs(lastWallNs, zone)}`, boot];
  const spark = sparkline(statistics.times.columns(columnsBesideLabel(terminal), lastUs));
  return [
    name,
    labelled(terminal, 'time', time),
    labelled(terminal, 'events', [terminal.colors.cyan(spark)]),
  ].join('\n');
}

function seconds(us: number): string {
  return (us / US_PER_S).toFixed(3);
}

function storageLines(facts: RecordingFacts): string[] {
  const { parts, blocks, laneGroups, events, bytes, compression, slotBytes } = facts;
  const perEvent = events === 0 ? '' : `, ${Math.round(bytes / events)} bytes an event`;
  const groups = laneGroups > 1 ? `, grouped for up to ${laneGroups} lanes` : '';
  const times = (slotBytes / bytes).toFixed(1);
  const compressed =
    compression.length === 0 ? '' : ` of ${compression.join(' and ')}, ${times} times smaller`;
  return [
    `${formatAmount(parts.length, 'part')}, ${formatAmount(blocks, 'block')}${compressed}${groups}${perEvent}`,
  ];
}

function lossLines(
  terminal: Terminal,
  { isLossLowerBound }: RecordingFacts,
  { losses }: EventStatistics,
): string[] {
  const { colors } = terminal;
  const lost = totalLost(losses);
  if (lost === 0) {
    return [isLossLowerBound ? colors.yellow('how many is not known') : 'no loss was marked'];
  }
  const causes: readonly (readonly [string, number])[] = [
    ['ring full', losses.ringFull],
    ['shed: raw RTT and query ops', losses.shedFirst],
    ['shed: lifecycle and errors', losses.shedLast],
    ['damaged', losses.damaged],
  ];
  const named = causes.filter(([, count]) => count > 0);
  return [
    colors.yellow(
      `${isLossLowerBound ? 'at least ' : ''}${formatAmount(lost, 'event')} lost in ${formatAmount(losses.markers, 'gap')}`,
    ),
    ...named.map(([cause, count]) => `${formatCount(count)} ${cause}`),
  ];
}

function damageLines(terminal: Terminal, facts: RecordingFacts): string[] {
  const notes = facts.notes.map((text) => terminal.colors.dim(text));
  if (facts.damage.length === 0) return ['none', ...notes];
  return [...facts.damage.map((text) => terminal.colors.red(text)), ...notes];
}
