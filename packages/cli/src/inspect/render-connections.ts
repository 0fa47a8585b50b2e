import { ROLE_NAMES } from '@sockflow/core';

import { formatAmount, formatCount, formatDurationUs } from '../terminal/format.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { ConnectionRecord } from './connection-table.ts';
import { errnoName } from './errno-name.ts';
import type { EventStatistics } from './event-statistics.ts';
import { failedConnections, topConnections } from './inspection.ts';

const ROWS = 5;
const FAILURE_ROWS = 20;
const US_PER_S = 1_000_000;

const COLUMNS: readonly Column[] = [
  { heading: 'local' },
  { heading: '' },
  { heading: 'remote' },
  { heading: 'role', dropOrder: 1 },
  { heading: 'owner', dropOrder: 3 },
  { heading: 'events', align: 'right' },
  { heading: 'retrans', align: 'right' },
  { heading: 'SRTT', align: 'right' },
  { heading: 'lived', align: 'right', dropOrder: 2 },
  { heading: 'error' },
];

const FAILURE_COLUMNS: readonly Column[] = [
  { heading: 'local' },
  { heading: '' },
  { heading: 'remote' },
  { heading: 'role', dropOrder: 1 },
  { heading: 'owner', dropOrder: 2 },
  { heading: 'what' },
  { heading: 'first, s since boot', align: 'right' },
];

/** The connections that failed: which, how, and when it first showed. */
export function renderFailures(terminal: Terminal, statistics: EventStatistics): string {
  const failed = failedConnections(statistics.connections.all);
  if (failed.length === 0) return '';
  const rows = failed
    .slice(0, FAILURE_ROWS)
    .map((connection) => [
      ...endCells(connection),
      roleText(connection),
      connection.ownerComm ?? '',
      failureText(connection),
      ((connection.failedUs ?? 0) / US_PER_S).toFixed(3),
    ]);
  const more = failed.length - rows.length;
  const table = renderTable(terminal, FAILURE_COLUMNS, rows);
  const rest = more > 0 ? `\n  ${terminal.colors.dim(`and ${formatCount(more)} more`)}` : '';
  return `${terminal.colors.bold('Failures')}\n${table}${rest}`;
}

function failureText({ error, timeouts }: ConnectionRecord): string {
  const texts: string[] = [];
  if (error !== 0) texts.push(errnoName(error));
  if (timeouts > 0) texts.push(formatAmount(timeouts, 'timeout'));
  return texts.join(', ');
}

/** The connections with the most events, and those with the most retransmits, as tables. */
export function renderTopConnections(terminal: Terminal, statistics: EventStatistics): string {
  const { all } = statistics.connections;
  const lists: readonly (readonly [string, readonly ConnectionRecord[]])[] = [
    ['Most events', topConnections(all, ({ events }) => events, ROWS)],
    ['Most retransmits', topConnections(all, ({ retransmitted }) => retransmitted, ROWS)],
  ];
  return lists
    .filter(([, connections]) => connections.length > 0)
    .map(([heading, connections]) => {
      const rows = connections.map(connectionCells);
      return `${terminal.colors.bold(heading)}\n${renderTable(terminal, COLUMNS, rows)}`;
    })
    .join('\n\n');
}

function connectionCells(connection: ConnectionRecord): string[] {
  return [
    ...endCells(connection),
    roleText(connection),
    connection.ownerComm ?? '',
    formatCount(connection.events),
    connection.retransmitted === 0 ? '' : formatCount(connection.retransmitted),
    srttText(connection),
    formatDurationUs(connection.lastUs - connection.firstUs),
    connection.error === 0 ? '' : errnoName(connection.error),
  ];
}

/** Where only summaries tell of it, the mean of the last one. */
function srttText({ srttUs, foldedRttUs }: ConnectionRecord): string {
  if (srttUs !== undefined) return formatDurationUs(srttUs);
  return foldedRttUs === undefined ? '' : `~${formatDurationUs(foldedRttUs)}`;
}

function roleText({ role, isListener }: ConnectionRecord): string {
  if (isListener) return 'listener';
  return role === 0 ? '–' : (ROLE_NAMES[role]?.toLowerCase() ?? '');
}

function endCells(connection: ConnectionRecord): [local: string, arrow: string, remote: string] {
  const { localAddress, localPort, remoteAddress, remotePort, isListener } = connection;
  const local = endText(localAddress, localPort);
  return isListener ? [local, '', ''] : [local, '→', endText(remoteAddress, remotePort)];
}

function endText(address: string | undefined, port: number): string {
  if (address === undefined) return `?:${port}`;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
