import { ROLE_NAMES } from '@sockflow/core';

import { formatCount, formatDurationUs } from '../terminal/format.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { ConnectionRecord } from './connection-table.ts';
import { errnoName } from './errno-name.ts';
import type { EventStatistics } from './event-statistics.ts';
import { topConnections } from './inspection.ts';

const ROWS = 5;

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
  const { local, remote } = endTexts(connection);
  const role = connection.isListener ? 'listener' : ROLE_NAMES[connection.role]?.toLowerCase();
  return [
    local,
    connection.isListener ? '' : '→',
    remote,
    connection.role === 0 ? '–' : (role ?? ''),
    connection.ownerComm ?? '',
    formatCount(connection.events),
    connection.retransmitted === 0 ? '' : formatCount(connection.retransmitted),
    connection.srttUs === undefined ? '' : formatDurationUs(connection.srttUs),
    formatDurationUs(connection.lastUs - connection.firstUs),
    connection.error === 0 ? '' : errnoName(connection.error),
  ];
}

function endTexts(connection: ConnectionRecord): { local: string; remote: string } {
  const { localAddress, localPort, remoteAddress, remotePort, isListener } = connection;
  return {
    local: endText(localAddress, localPort),
    remote: isListener ? '' : endText(remoteAddress, remotePort),
  };
}

function endText(address: string | undefined, port: number): string {
  if (address === undefined) return `?:${port}`;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
