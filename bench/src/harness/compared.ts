import type { CaseResult } from './case-result.ts';
import { median, type Pass } from './paired.ts';

/** One of several that our passes are compared with. */
export interface Peer {
  /** Appended to the id of the case: `…/java`. */
  readonly name: string;
  readonly baseline: string;
  readonly budget: number | undefined;
  readonly run: () => Promise<Pass>;
}

export interface ComparedOptions {
  readonly id: string;
  /** Units of work in one pass, for the value per second. */
  readonly units: number;
  readonly unit: string;
  readonly rounds: number;
  readonly ours: () => Promise<Pass>;
  readonly peers: readonly Peer[];
}

/** What came of it: a row for each peer, and the median times. */
export interface Compared {
  readonly results: readonly CaseResult[];
  readonly oursNs: number;
  /** By the name of the peer. */
  readonly peersNs: ReadonlyMap<string, number>;
}

/**
 * As `paired`, with several peers: each round takes one pass of each side, in the one order and then in the other, after a pass each that is not counted. All must give the same answer.
 */
export async function compared(options: ComparedOptions): Promise<Compared> {
  const { id, peers, rounds, units, unit } = options;
  const sides = [options.ours, ...peers.map((peer) => peer.run)];
  const times: number[][] = sides.map(() => []);
  for (let round = -1; round < rounds; round++) {
    const order = sides.map((_side, index) => index);
    if (round % 2 !== 0) order.reverse();
    const passes: Pass[] = [];
    for (const side of order) passes[side] = await sides[side]!();
    checkSame(id, peers, passes);
    if (round >= 0) for (const [side, { ns }] of passes.entries()) times[side]!.push(ns);
  }
  const [ours = [], ...theirs] = times;
  const value = units / (median(ours) / 1e9);
  const results = peers.map(({ name, baseline, budget }, index): CaseResult => {
    const ratios = theirs[index]!.map((ns, round) => ns / ours[round]!);
    const ratio = median(ratios);
    return {
      id: `${id}/${name}`,
      value,
      unit,
      baseline,
      ratio,
      spread: [Math.min(...ratios), Math.max(...ratios)],
      budget,
      pass: budget === undefined ? undefined : ratio >= budget,
    };
  });
  const peersNs = new Map(peers.map(({ name }, index) => [name, median(theirs[index]!)]));
  return { results, oursNs: median(ours), peersNs };
}

function checkSame(id: string, peers: readonly Peer[], [ours, ...theirs]: readonly Pass[]): void {
  for (const [index, { answer }] of theirs.entries()) {
    if (answer === ours!.answer) continue;
    throw new Error(`${id}: ours found ${ours!.answer}, ${peers[index]!.baseline} found ${answer}`);
  }
}
