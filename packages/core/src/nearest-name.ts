/** The edits between two short texts: a letter more, less or other, or two neighbours swapped. */
function distance(a: string, b: string): number {
  let last: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (last[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    last = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Fewer, and names that have nothing in common are near: rotate and state. */
const LETTERS_PER_EDIT = 4;

/** The name that was probably meant: close in spelling, or the only one that contains what was typed. For errors about unknown names. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  if (typed === '') return undefined;
  const wanted = typed.toLowerCase();
  const [best] = names
    .map((name) => ({ name, edits: distance(wanted, name.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits);
  if (
    best !== undefined &&
    best.edits <= Math.max(1, Math.floor(wanted.length / LETTERS_PER_EDIT))
  ) {
    return best.name;
  }
  const containing = names.filter((name) => name.toLowerCase().includes(wanted));
  return containing.length === 1 ? containing[0] : undefined;
}
