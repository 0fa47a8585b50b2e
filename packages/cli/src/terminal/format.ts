import { wallTimeText, type WallZone } from '@sockflow/sinks';

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const COUNT_UNITS = ['', 'k', 'M', 'G'];

/** `1,234,567`; by hand, since making an `Intl.NumberFormat` takes longer than all the rest of the start. */
export function formatCount(count: number | bigint): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 event`, `2 events`. */
export function formatAmount(count: number | bigint, unit: string, units = `${unit}s`): string {
  return `${formatCount(count)} ${count === 1 || count === 1n ? unit : units}`;
}

/** Three digits and a unit: `1.21 GiB`. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, 1024, BYTE_UNITS);
}

/** Three digits and a magnitude, for rates: `4.12 M`. */
export function formatShort(value: number): string {
  return scaled(value, 1000, COUNT_UNITS).trimEnd();
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let unit = 0;
  let rest = value;
  while (rest >= step && unit < units.length - 1) {
    rest /= step;
    unit += 1;
  }
  const digits = unit === 0 || rest >= 100 ? 0 : rest >= 10 ? 1 : 2;
  return `${rest.toFixed(digits)} ${units[unit]}`;
}

/** A length of time in the unit that suits it: `312 us`, `4.2 s`, `3 min 12 s`, `2 h 5 min`. */
export function formatDurationUs(durationUs: number): string {
  if (durationUs < 1000) return `${Math.round(durationUs)} us`;
  const ms = durationUs / 1000;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `12.3 %`; what is there is never shown as nothing. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 0.1) return '< 0.1 %';
  return `${percent.toFixed(1)} %`;
}

/** ns since 1970 as `2026-11-22 10:00:00.123Z`, or with the local offset `2026-11-22 11:00:00.123+01:00`. */
export function formatWallNs(wallNs: bigint, zone: WallZone): string {
  const date = new Date(Number(wallNs / 1_000_000n));
  return wallTimeText(date, zone).replace('T', ' ');
}

/** ns since boot as seconds: `4824.048840 s`. */
export function formatBootNs(bootNs: bigint): string {
  const us = bootNs / 1000n;
  return `${us / 1_000_000n}.${String(us % 1_000_000n).padStart(6, '0')} s`;
}
