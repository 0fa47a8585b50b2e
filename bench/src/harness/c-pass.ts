import type { Pass } from '@sockflow/benchmark';

import type { PeerProgram } from './peer-program.ts';

/** Whose loops the C baselines of slots in memory are, for people. */
export const C_TITLE = 'C -O3 -march=native';

/** One command of a C program as a pass: what it counted, and its checksum. */
export async function cPass(c: PeerProgram, command: string): Promise<Pass> {
  const { ns, count, checksum } = await c.measure(command);
  return { ns, answer: `${count} ${checksum}` };
}
