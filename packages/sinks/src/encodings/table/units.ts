import { constants } from 'node:os';

/** Where two names share a number the first is the common one: EAGAIN before EWOULDBLOCK. */
const ERRNO_NAMES = new Map(
  Object.entries(constants.errno)
    .toReversed()
    .map(([name, value]) => [value, name]),
);

function short(value: number): string {
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}

/** A duration: `87 us`, `1.24 ms`, `2.05 s`. */
export function durationText(us: number): string {
  if (us < 1000) return `${Math.round(us)} us`;
  return us < 1e6 ? `${short(us / 1000)} ms` : `${short(us / 1e6)} s`;
}

/** A number of bytes: `512 B`, `1.24 kB`, `38.1 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${short(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${short(bytes / 1e6)} MB` : `${short(bytes / 1e9)} GB`;
}

/** An errno: `ECONNREFUSED`. */
export function errnoText(errno: number): string {
  return ERRNO_NAMES.get(errno) ?? `errno ${errno}`;
}
