import type { BenchDocument } from './bench-document.ts';

/* Of fewer the interval holds the median with less than 0.95. */
const LEAST_ROUNDS = 6;

/** That a run is too short for its figures to be quoted, for people; `undefined` where it is not. */
export function smokeNotice({ settings }: Pick<BenchDocument, 'settings'>): string | undefined {
  const { rounds, isSmoke, smoke } = settings;
  const isShort = typeof rounds === 'number' && rounds < LEAST_ROUNDS;
  if (isSmoke !== true && smoke !== true && !isShort) return undefined;
  const of = typeof rounds === 'number' ? ` of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}` : '';
  return `a smoke run${of}: not to be quoted`;
}
