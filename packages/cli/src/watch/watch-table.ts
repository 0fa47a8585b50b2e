import type { RunProgress } from '@sockflow/core';

import { formatAmount, formatCount, formatDurationUs, formatShort } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { connectionLines } from './connection-table.ts';
import { byActivity, byEvents } from './row-order.ts';
import type { ConnectionRow, ConnectionsPage } from './watch-page.ts';

/** Lines that are no rows: title, blank, heading. */
const FRAME_LINES = 3;

/** The table of all lanes' connections: what each lane said last, put together. Main thread. */
export class WatchTable {
  readonly #terminal: Terminal;
  readonly #title: string;
  readonly #pages = new Map<number, ConnectionsPage>();
  #progress: RunProgress | undefined;
  #isLive = false;

  constructor(terminal: Terminal, title: string) {
    this.#terminal = terminal;
    this.#title = title;
  }

  update(page: ConnectionsPage): void {
    this.#pages.set(page.lane, page);
  }

  setProgress(progress: RunProgress): void {
    this.#progress = progress;
  }

  /** The source is live and has started. */
  setLive(): void {
    this.#isLive = true;
  }

  /** The table as it is drawn in place. */
  lines(screenRows: number): string[] {
    const rows = this.#rows(byActivity);
    const shown = rows.slice(0, Math.max(0, screenRows - FRAME_LINES));
    const table =
      shown.length === 0
        ? [this.#isLive ? '  attached; no connection yet' : '  no connection yet']
        : connectionLines(this.#terminal, shown, false);
    return [this.#titleLine(shown.length), '', ...table];
  }

  /** What stays on the terminal at the end. */
  finalLines(maxRows: number): string[] {
    const rows = this.#rows(byEvents);
    const shown = rows.slice(0, maxRows);
    const known = this.#sum(({ connections }) => connections);
    const forgotten = this.#sum((page) => page.forgotten);
    const others = known - shown.length;
    const notShown = this.#sum((page) => page.notShown);
    return [
      ...(rows.length === 0
        ? ['  no connection was seen']
        : connectionLines(this.#terminal, shown, true)),
      ...(others > 0 ? [`  ${formatCount(others)} more, with fewer events`] : []),
      ...(forgotten > 0 ? [`  ${formatCount(forgotten)} were forgotten: there were too many`] : []),
      ...(notShown > 0
        ? [
            `  ${formatAmount(notShown, 'event')} of sockets that had closed before, in no connection`,
          ]
        : []),
    ];
  }

  #rows(order: (a: ConnectionRow, b: ConnectionRow) => number): ConnectionRow[] {
    return [...this.#pages.values()].flatMap(({ rows }) => rows).toSorted(order);
  }

  #titleLine(shown: number): string {
    const { colors } = this.#terminal;
    const known = this.#sum(({ connections }) => connections);
    const parts = [
      formatAmount(known, 'connection') + (shown < known ? ` (${shown} shown)` : ''),
      ...this.#progressParts(),
    ];
    return `${colors.bold(this.#title)}  ${parts.join(' · ')}  ${colors.dim('q quits')}`;
  }

  #progressParts(): string[] {
    const events = `${formatShort(this.#sum((page) => page.events))} events`;
    if (this.#progress === undefined) return [events];
    const { eventsPerSec, live, elapsedMs } = this.#progress;
    const { shed = 0, lost = 0 } = live ?? {};
    return [
      events,
      // What a replay reads is not what it shows just now.
      ...(live === undefined ? [] : [`${formatShort(Math.round(eventsPerSec))}/s`]),
      ...(shed > 0 ? [`${formatShort(shed)} shed`] : []),
      ...(lost > 0 ? [`${formatShort(lost)} lost`] : []),
      formatDurationUs(elapsedMs * 1000),
    ];
  }

  #sum(of: (page: ConnectionsPage) => number): number {
    return [...this.#pages.values()].reduce((sum, page) => sum + of(page), 0);
  }
}
