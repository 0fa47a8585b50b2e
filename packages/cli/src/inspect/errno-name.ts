import { constants } from 'node:os';

const NAMES = new Map(Object.entries(constants.errno).map(([name, errno]) => [errno, name]));

/** The name of a Linux errno: `ECONNREFUSED`; its number where this system has no name for it. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}
