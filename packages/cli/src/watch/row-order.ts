import type { ConnectionRow } from './watch-page.ts';

/** Of two rows, as `sort` has it: what is open first, and of these the busiest. Many short connections do not hide the long ones. */
export function byActivity(a: ConnectionRow, b: ConnectionRow): number {
  if (a.isClosed !== b.isClosed) return a.isClosed ? 1 : -1;
  return b.eventsPerSec - a.eventsPerSec || byEvents(a, b);
}

/** Of two rows, as `sort` has it: that with more events first. */
export function byEvents(a: ConnectionRow, b: ConnectionRow): number {
  return b.events - a.events;
}
