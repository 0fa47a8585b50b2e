import type { WallZone } from '@sockflow/sinks';

import { formatAmount, formatBytes, formatCount } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { countBars } from './count-bars.ts';
import { errnoName } from './errno-name.ts';
import type { EventStatistics } from './event-statistics.ts';
import {
  cbFlagName,
  countConnections,
  ecnFlagName,
  kindName,
  type NamedCount,
  namedCounts,
  opName,
  tcpFlagName,
} from './inspection.ts';
import { columnsBesideLabel, labelled } from './labelled-lines.ts';
import type { RecordingFacts } from './recording-facts.ts';
import { renderFailures, renderTopConnections } from './render-connections.ts';
import { renderFacts } from './render-facts.ts';
import { renderRtt } from './render-rtt.ts';
import { wrapItems } from './wrap-items.ts';

/** The recording as its reader wants to see it: what it is, when, what happened, who talked most, what is missing. */
export function renderInspection(
  terminal: Terminal,
  facts: RecordingFacts,
  statistics: EventStatistics,
  zone: WallZone,
): string {
  const sections = [
    headline(terminal, facts, statistics),
    renderFacts(terminal, facts, statistics, zone),
    renderOps(terminal, statistics),
    renderFlags(terminal, statistics),
    renderConnections(terminal, statistics),
    renderRtt(terminal, statistics),
    renderFailures(terminal, statistics),
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

function renderOps(terminal: Terminal, statistics: EventStatistics): string {
  const ops = namedCounts(statistics.ops, opName);
  const kinds = namedCounts(statistics.kinds, kindName).filter(({ name }) => name !== 'OP');
  const rows = [...ops, ...kinds.map(({ name, events }) => ({ name: `(${name})`, events }))];
  if (rows.length === 0) return `  ${terminal.colors.dim('no events')}`;
  return `${title(terminal, 'Events by op')}\n${countBars(terminal, rows, statistics.events)}`;
}

function renderFlags(terminal: Terminal, statistics: EventStatistics): string {
  const lists: readonly (readonly [string, readonly NamedCount[]])[] = [
    ['TCP flags', namedCounts(statistics.tcpFlags, tcpFlagName)],
    ['cb flags', namedCounts(statistics.cbFlags, cbFlagName)],
    ['ECN flags', namedCounts(statistics.ecnFlags, ecnFlagName)],
  ];
  const shown = lists.filter(([, flags]) => flags.length > 0);
  if (shown.length === 0) return '';
  const columns = columnsBesideLabel(terminal);
  const lines = shown.map(([label, flags]) =>
    labelled(
      terminal,
      label,
      wrapItems(
        flags.map(({ name, events }) => `${name} ${formatCount(events)}`),
        columns,
      ),
    ),
  );
  return `${title(terminal, 'Flags')}\n${lines.join('\n')}`;
}

function renderConnections(terminal: Terminal, statistics: EventStatistics): string {
  const counts = countConnections(statistics.connections.all);
  if (counts.total === 0) return '';
  const ends = [`${formatCount(counts.client)} client`, `${formatCount(counts.server)} server`];
  if (counts.unknownRole > 0) ends.push(`${formatCount(counts.unknownRole)} of unknown role`);
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
      wrapItems(
        [
          `${formatCount(counts.withRetransmits)} retransmitted`,
          `${formatCount(counts.withTimeouts)} timed out`,
          ...errorTexts(counts.errors),
        ],
        columnsBesideLabel(terminal),
      ),
    ),
  ];
  return `${title(terminal, 'Connections')}\n${lines.join('\n')}`;
}

function errorTexts(errors: readonly { errno: number; connections: number }[]): string[] {
  return errors.map(({ errno, connections }) => `${formatCount(connections)} ${errnoName(errno)}`);
}

function title(terminal: Terminal, text: string): string {
  return terminal.colors.bold(text);
}
