import { join } from 'node:path';

import { sockflowOk } from '../cli/sockflow-command.ts';
import { KillRounds, outputsOf, POLICIES, type RoundResult } from './kill-rounds.ts';
import { seededRandom } from './seeded-random.ts';

/** Few kills are given to few outputs, so that each is also started where it was killed. */
const KILLS_OF_AN_OUTPUT = 3;

/** Kills a writer so many times under each policy; throws where something that was acknowledged is lost, or something else is broken. */
export async function killUnderEveryPolicy(
  dir: string,
  kills: number,
  seed: number,
  onRound: (result: RoundResult) => void,
): Promise<void> {
  const recording = join(dir, 'in.sfrec');
  sockflowOk(['gen', recording, '--size', '4MiB', '--seed', String(seed)]);
  const random = seededRandom(seed);
  const rounds = new KillRounds(dir, recording, random);
  for (const fsync of POLICIES) {
    const outputs = shuffled(outputsOf(fsync), random).slice(
      0,
      Math.max(1, Math.ceil(kills / KILLS_OF_AN_OUTPUT)),
    );
    for (let kill = 0; kill < kills; kill++) {
      const output = outputs[kill % outputs.length];
      if (output !== undefined) onRound(await rounds.run(output));
    }
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .toSorted((one, other) => one.order - other.order)
    .map(({ item }) => item);
}
