import { bar, sparkline } from '../terminal/bars.ts';
import {
  formatAmount,
  formatBytes,
  formatCount,
  formatDurationUs,
  formatShare,
  formatShort,
  formatWallNs,
} from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { errnoName } from './errno-name.ts';
import type { EventStatistics, OriginStatistics } from './event-statistics.ts';
import {
  cbFlagName,
  countConnections,
  ecnFlagName,
  eventsPerSec,
  kindName,
  type NamedCount,
  namedCounts,
  opName,
  tcpFlagName,
  totalLost,
  wallNsOf,
} from './inspection.ts';
import type { RecordingFacts } from './recording-facts.ts';
import { renderTopConnections } from './render-connections.ts';

const LABEL_COLUMNS = 13;
const MAX_BAR_COLUMNS = 40;
const TICKS_US = 1_000_000;

/** The recording as its reader wants to see it: what it is, when, what happened, who talked most, what is missing. */
export function renderInspection(
  terminal: Terminal,
  facts: RecordingFacts,
  statistics: EventStatistics,
): string {
  const sections = [
    headline(terminal, facts, statistics),
    renderFacts(terminal, facts, statistics),
    renderOps(terminal, statistics),
    renderFlags(terminal, statistics),
    renderConnections(terminal, statistics),
    renderTopConnections(terminal, statistics),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function headline(terminal: Terminal, facts: RecordingFacts, statistics: EventStatistics): string {
  const { colors } = terminal;
  const { total } = countConnections(statistics.connections.all);
  const parts = [
    formatAmount(statistics.events, 'event'),
    formatAmount(total, 'connection end'),
    formatBytes(facts.bytes),
  ];
  return `${colors.bold(facts.name)}  ${parts.join(' · ')}`;
}

/** A line with its label in a column of its own; further lines of the same label are indented. */
function labelled(terminal: Terminal, label: string, lines: readonly string[]): string {
  const { colors } = terminal;
  return lines
    .map((line, index) => {
      const head = index === 0 ? label : '';
      return `  ${colors.dim(head.padEnd(LABEL_COLUMNS))}${line}`;
    })
    .join('\n');
}

function renderFacts(
  terminal: Terminal,
  facts: RecordingFacts,
  statistics: EventStatistics,
): string {
  const rate = eventsPerSec(statistics);
  return [
    ...statistics.origins.map((origin) => renderOrigin(terminal, origin)),
    labelled(terminal, 'rate', [
      rate === undefined ? 'a single moment' : `${formatShort(rate)} events/s on average`,
    ]),
    labelled(terminal, 'stored in', storageLines(facts)),
    labelled(terminal, 'lost', lossLines(terminal, statistics)),
    labelled(terminal, 'damage', damageLines(terminal, facts)),
  ].join('\n');
}

function renderOrigin(terminal: Terminal, statistics: OriginStatistics): string {
  const { origin, firstUs, lastUs } = statistics;
  const known = [
    origin.hostName,
    origin.kernelRelease === undefined ? 'kernel not known' : `Linux ${origin.kernelRelease}`,
    origin.hz === undefined ? 'HZ not known: no RTO in time' : `HZ ${origin.hz}`,
  ].filter((text) => text !== undefined);
  const span = formatDurationUs(lastUs - firstUs);
  const firstWallNs = wallNsOf(statistics, firstUs);
  const lastWallNs = wallNsOf(statistics, lastUs);
  const boot = `${seconds(firstUs)} to ${seconds(lastUs)} s since boot`;
  const time =
    firstWallNs === undefined || lastWallNs === undefined
      ? [`${span}, ${boot}; wall clock not known`]
      : [`${span}, ${formatWallNs(firstWallNs)} to ${formatWallNs(lastWallNs)}`, boot];
  const columns = terminal.columns - LABEL_COLUMNS - 4;
  const spark = sparkline(statistics.times.columns(columns, lastUs));
  return [
    labelled(terminal, 'origin', [`${terminal.colors.bold(origin.id)}  ${known.join(', ')}`]),
    labelled(terminal, 'time', time),
    labelled(terminal, 'events', [terminal.colors.cyan(spark)]),
  ].join('\n');
}

function seconds(us: number): string {
  return (us / TICKS_US).toFixed(3);
}

function storageLines(facts: RecordingFacts): string[] {
  const { parts, blocks, laneGroups, events, bytes } = facts;
  const perEvent = events === 0 ? '' : `, ${Math.round(bytes / events)} bytes an event`;
  const groups = laneGroups > 1 ? `, grouped for up to ${laneGroups} lanes` : '';
  return [
    `${formatAmount(parts.length, 'part')}, ${formatAmount(blocks, 'block')}${groups}${perEvent}`,
  ];
}

function lossLines(terminal: Terminal, { losses }: EventStatistics): string[] {
  const { colors } = terminal;
  const lost = totalLost(losses);
  if (lost === 0) return [`no loss was marked`];
  const causes: readonly (readonly [string, number])[] = [
    ['ring full', losses.ringFull],
    ['shed: raw RTT and query ops', losses.shedFirst],
    ['shed: lifecycle and errors', losses.shedLast],
    ['damaged', losses.damaged],
  ];
  const named = causes.filter(([, count]) => count > 0);
  return [
    colors.yellow(`${formatAmount(lost, 'event')} lost in ${formatAmount(losses.markers, 'gap')}`),
    ...named.map(([cause, count]) => `${formatCount(count)} ${cause}`),
  ];
}

function damageLines(terminal: Terminal, facts: RecordingFacts): string[] {
  const notes = facts.notes.map((text) => terminal.colors.dim(text));
  if (facts.damage.length === 0) return ['none', ...notes];
  return [...facts.damage.map((text) => terminal.colors.red(text)), ...notes];
}

function renderOps(terminal: Terminal, statistics: EventStatistics): string {
  const ops = namedCounts(statistics.ops, opName);
  const kinds = namedCounts(statistics.kinds, kindName).filter(({ name }) => name !== 'OP');
  const rows = [...ops, ...kinds.map(({ name, events }) => ({ name: `(${name})`, events }))];
  if (rows.length === 0) return `  ${terminal.colors.dim('no events')}`;
  return `${title(terminal, 'Events by op')}\n${renderBars(terminal, rows, statistics.events)}`;
}

function renderBars(terminal: Terminal, rows: readonly NamedCount[], whole: number): string {
  const nameColumns = Math.max(...rows.map(({ name }) => name.length));
  const countColumns = Math.max(...rows.map(({ events }) => formatCount(events).length));
  const shareColumns = 7;
  const fixed = 2 + nameColumns + 2 + countColumns + 1 + shareColumns + 2;
  const barColumns = Math.max(8, Math.min(MAX_BAR_COLUMNS, terminal.columns - fixed));
  const max = Math.max(...rows.map(({ events }) => events));
  return rows
    .map(({ name, events }) => {
      const count = formatCount(events).padStart(countColumns);
      const share = formatShare(events, whole).padStart(shareColumns);
      const drawn = terminal.colors.cyan(bar(events, max, barColumns));
      return `  ${name.padEnd(nameColumns)}  ${count} ${terminal.colors.dim(share)}  ${drawn}`;
    })
    .join('\n');
}

function renderFlags(terminal: Terminal, statistics: EventStatistics): string {
  const lists: readonly (readonly [string, readonly NamedCount[]])[] = [
    ['TCP flags', namedCounts(statistics.tcpFlags, tcpFlagName)],
    ['cb flags', namedCounts(statistics.cbFlags, cbFlagName)],
    ['ECN flags', namedCounts(statistics.ecnFlags, ecnFlagName)],
  ];
  const shown = lists.filter(([, flags]) => flags.length > 0);
  if (shown.length === 0) return '';
  const columns = terminal.columns - LABEL_COLUMNS - 3;
  const lines = shown.map(([label, flags]) =>
    labelled(
      terminal,
      label,
      wrapped(
        flags.map(({ name, events }) => `${name} ${formatCount(events)}`),
        columns,
      ),
    ),
  );
  return `${title(terminal, 'Flags')}\n${lines.join('\n')}`;
}

/** Items side by side, in as many lines as they need. */
function wrapped(items: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 3 + item.length > columns) lines.push(item);
    else lines[lines.length - 1] = `${last}   ${item}`;
  }
  return lines;
}

function renderConnections(terminal: Terminal, statistics: EventStatistics): string {
  const counts = countConnections(statistics.connections.all);
  if (counts.total === 0) return '';
  const { rtt } = statistics;
  const ends = [`${formatCount(counts.client)} client`, `${formatCount(counts.server)} server`];
  if (counts.unknownRole > 0) ends.push(`${formatCount(counts.unknownRole)} of unknown role`);
  const quantile = (share: number): string => formatDurationUs(rtt.quantileUs(share) ?? 0);
  const lines = [
    labelled(terminal, 'ends', [
      `${ends.join(', ')}; ${formatAmount(counts.listeners, 'listener')}`,
    ]),
    labelled(terminal, 'fate', [
      `${formatCount(counts.established)} established, ${formatCount(counts.closed)} seen to close`,
    ]),
    labelled(
      terminal,
      'trouble',
      wrapped(
        [
          `${formatCount(counts.withRetransmits)} retransmitted`,
          `${formatCount(counts.withTimeouts)} timed out`,
          ...errorTexts(counts.errors),
        ],
        terminal.columns - LABEL_COLUMNS - 3,
      ),
    ),
  ];
  if (rtt.count > 0) {
    lines.push(
      labelled(terminal, 'RTT', [
        `p50 ${quantile(0.5)} · p90 ${quantile(0.9)} · p99 ${quantile(0.99)} · max ${formatDurationUs(rtt.highUs ?? 0)} (${formatAmount(rtt.count, 'sample')})`,
      ]),
    );
  }
  return `${title(terminal, 'Connections')}\n${lines.join('\n')}`;
}

function errorTexts(errors: readonly { errno: number; connections: number }[]): string[] {
  return errors.map(({ errno, connections }) => `${formatCount(connections)} ${errnoName(errno)}`);
}

function title(terminal: Terminal, text: string): string {
  return terminal.colors.bold(text);
}
