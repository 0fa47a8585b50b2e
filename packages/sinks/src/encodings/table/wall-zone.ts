/** In which zone wall times are shown: the machine's own (`TZ`), each with its offset, or UTC. */
export type WallZone = 'local' | 'utc';

/** The zones by name. */
export const WALL_ZONES: readonly WallZone[] = ['local', 'utc'];

/** Where a command tells its threads, and a user all commands, which zone to show. */
export const WALL_ZONE_ENV = 'SOCKFLOW_TIME';

/** The zone that the environment names; the local one where it names none. */
export function wantedZone(env: NodeJS.ProcessEnv = process.env): WallZone {
  return WALL_ZONES.find((zone) => zone === env[WALL_ZONE_ENV]) ?? 'local';
}

const MS_PER_MINUTE = 60_000;
const MS_PER_SEC = 1000;
/** Zones change their offset at a full quarter of an hour of UTC: one look is enough for each. */
const QUARTER_SEC = 900;

/** What local time is ahead of UTC, looked up once for each quarter of an hour. */
export class LocalOffsets {
  #quarter = Number.NaN;
  #minutes = 0;
  #text = '';

  /** Minutes ahead of UTC at a second since 1970; negative in the west. */
  minutesAt(second: number): number {
    this.#lookUp(second);
    return this.#minutes;
  }

  /** The same as ISO 8601 writes it: `+05:30`. */
  textAt(second: number): string {
    this.#lookUp(second);
    return this.#text;
  }

  #lookUp(second: number): void {
    const quarter = Math.floor(second / QUARTER_SEC);
    if (quarter === this.#quarter) return;
    this.#quarter = quarter;
    // Before standard time offsets had seconds, which ISO 8601 cannot write.
    this.#minutes = -Math.round(new Date(second * MS_PER_SEC).getTimezoneOffset());
    this.#text = offsetText(this.#minutes);
  }
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/**
 * A wall time to the ms: `2026-11-24T09:26:28.297Z`, or with the local offset `2026-11-24T10:26:28.297+01:00`. Per event it is too slow.
 *
 * @throws RangeError for what is no date
 */
export function wallTimeText(date: Date, zone: WallZone): string {
  if (zone === 'utc') return date.toISOString();
  const minutes = new LocalOffsets().minutesAt(date.getTime() / MS_PER_SEC);
  const shifted = new Date(date.getTime() + minutes * MS_PER_MINUTE);
  return shifted.toISOString().replace('Z', offsetText(minutes));
}
