import type { BenchRun } from './bench-case.ts';

/** Two that are measured in turns. */
export interface Turns<T> {
  readonly first: () => T | Promise<T>;
  readonly second: () => T | Promise<T>;
}

/**
 * Takes so many counted rounds of two sides, in the one order and in the next round in the other, after a round that is not counted; there is none where only that all runs is to be seen.
 *
 * @returns what each round gave
 */
export async function inTurns<T>(
  { isSmoke }: Pick<BenchRun, 'isSmoke'>,
  rounds: number,
  { first, second }: Turns<T>,
): Promise<readonly (readonly [first: T, second: T])[]> {
  const taken: [T, T][] = [];
  for (let round = isSmoke ? 0 : -1; round < rounds; round++) {
    let pair: [T, T];
    if (round % 2 === 0) {
      const one = await first();
      pair = [one, await second()];
    } else {
      const other = await second();
      pair = [await first(), other];
    }
    if (round >= 0) taken.push(pair);
  }
  return taken;
}
