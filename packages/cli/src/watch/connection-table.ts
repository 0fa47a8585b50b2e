import { Role, TCP_STATE_NAMES, TcpState } from '@sockflow/core';

import { errnoName } from '../inspect/errno-name.ts';
import { formatDurationUs, formatShort } from '../terminal/format.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { ConnectionRow } from './watch-page.ts';

const COLUMNS: readonly Column[] = [
  { heading: 'state' },
  { heading: 'local', align: 'right' },
  { heading: '' },
  { heading: 'remote' },
  { heading: 'owner', dropOrder: 1 },
  { heading: 'rtt', align: 'right' },
  { heading: 'min', align: 'right', dropOrder: 6 },
  { heading: 'retr', align: 'right' },
  { heading: 'rto', align: 'right', dropOrder: 5 },
  { heading: 'in', align: 'right', dropOrder: 3 },
  { heading: 'out', align: 'right', dropOrder: 4 },
  { heading: 'ev/s', align: 'right', dropOrder: 2 },
];
/** Where nobody's window is too narrow. */
const FILE_COLUMNS = 140;
/** Who called connect: the arrow points to whom. */
const ARROWS: ReadonlyMap<number, string> = new Map<number, string>([
  [Role.CLIENT, '→'],
  [Role.SERVER, '←'],
]);
/** How connections end badly, short enough to stand where the state does. */
const SHORT_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'REFUSED',
  ECONNRESET: 'RESET',
  ETIMEDOUT: 'TIMEDOUT',
  EHOSTUNREACH: 'UNREACH',
  ENETUNREACH: 'UNREACH',
};
// oxlint-disable-next-line no-control-regex -- what a process calls itself must not move the cursor
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;

/** Connections as lines below their heading. At the end rates say nothing any more: the number of events stands in their place. */
export function connectionLines(
  terminal: Terminal,
  rows: readonly ConnectionRow[],
  isLast: boolean,
): string[] {
  const columns = isLast
    ? COLUMNS.map((column) =>
        column.heading === 'ev/s' ? { ...column, heading: 'events' } : column,
      )
    : COLUMNS;
  const { colors, isTty } = terminal;
  const [heading = '', ...lines] = renderTable(
    { colors, columns: isTty ? terminal.columns : FILE_COLUMNS },
    columns,
    rows.map((row) => cellsOf(row, isLast)),
  ).split('\n');
  return [heading, ...lines.map((line, index) => tinted(terminal, line, rows[index], isLast))];
}

/** Trouble stands out; what is over steps back while others go on. */
function tinted(
  { colors }: Terminal,
  line: string,
  row: ConnectionRow | undefined,
  isLast: boolean,
): string {
  if (row === undefined) return line;
  if (row.error !== 0) return colors.red(line);
  if (row.isClosed && !isLast) return colors.dim(line);
  return row.retransmits + row.timeouts > 0 ? colors.yellow(line) : line;
}

function cellsOf(row: ConnectionRow, isLast: boolean): string[] {
  const { state, local, remote, role, owner, rttUs, rttMinUs, bytesIn, bytesOut } = row;
  return [
    row.error === 0 ? stateText(state) : errorText(row.error),
    local,
    remote === '' ? '' : (ARROWS.get(role) ?? '-'),
    remote,
    owner.replaceAll(CONTROLS, '?'),
    rttUs === 0 ? '' : formatDurationUs(rttUs),
    rttMinUs === 0 ? '' : formatDurationUs(rttMinUs),
    row.retransmits === 0 ? '' : String(row.retransmits),
    row.timeouts === 0 ? '' : String(row.timeouts),
    bytesText(bytesIn),
    bytesText(bytesOut),
    isLast ? formatShort(row.events) : row.eventsPerSec < 0.05 ? '' : rateText(row.eventsPerSec),
  ];
}

/** As ss has it: the one that is there most often is short. */
function stateText(state: number): string {
  return state === TcpState.ESTABLISHED ? 'ESTAB' : (TCP_STATE_NAMES[state] ?? `${state}`);
}

function errorText(errno: number): string {
  const name = errnoName(errno);
  return SHORT_ERRORS[name] ?? name;
}

function rateText(perSec: number): string {
  return perSec < 10 ? perSec.toFixed(1) : formatShort(Math.round(perSec));
}

/** Short: columns are many. */
function bytesText(bytes: number): string {
  return bytes === 0 ? '' : `${formatShort(bytes)}B`.replace(/(\d)B$/, '$1 B');
}
