import { closest, distance } from 'fastest-levenshtein';

/** The name that was probably meant: close in spelling, or the only one that contains what was typed. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  if (names.length === 0 || typed === '') return undefined;
  const wanted = typed.toUpperCase();
  const near = closest(wanted, names);
  const changes = distance(wanted, near);
  // As many changes as the name has letters would make any word of any other.
  if (changes < near.length && changes <= Math.max(2, Math.floor(wanted.length / 3))) return near;
  const containing = names.filter((name) => name.includes(wanted));
  return containing.length === 1 ? containing[0] : undefined;
}
