import type { LeftOut } from '@sockflow/benchmark';

import { NativeRing } from './native-ring.ts';
import { RING_CONSUMERS } from './ring-consumers.ts';

/** Those consumers that can be had here, and why the others cannot, by the name of the row. */
export interface NativeRings {
  readonly rings: readonly NativeRing[];
  readonly leftOut: readonly LeftOut[];
}

/** Builds what is not built, and has each make a ring of its own. @param caseIds of the cases that a missing one has no rows in */
export async function openNativeRings(
  ringBytes: number,
  caseIds: readonly string[],
): Promise<NativeRings> {
  const rings: NativeRing[] = [];
  const leftOut: LeftOut[] = [];
  for (const consumer of RING_CONSUMERS) {
    let program: string;
    try {
      program = consumer.build();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      leftOut.push(...caseIds.map((id) => ({ id: `${id}/${consumer.name}`, reason })));
      continue;
    }
    rings.push(await NativeRing.open(consumer, program, ringBytes));
  }
  return { rings, leftOut };
}
