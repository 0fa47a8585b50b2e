import { compareSides, timedAsync } from '@sockflow/benchmark';
import { inlineAccessors } from '@sockflow/core';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { ANY_CB, OP_MASK } from '../harness/bench-filter.ts';
import { partOfSlots } from '../harness/part-of-slots.ts';
import { loadInput, type SlotInput } from '../harness/slot-input.ts';
import { SlotPeers, type SlotPeerSet } from '../peers/native/slot-peers.ts';
import { ourScan } from './our-scan.ts';

const MIB = 2 ** 20;
/* What Python takes half a second for. */
const PART_BYTES = 32 * MIB;
const SMOKE_PART_BYTES = 2 * MIB;
const READS = 'kind, op, cbFlags and what says that they are there';

/** Slots in memory, filtered by op and flags: which ones survive, and no field of theirs besides. */
export const filterCases: readonly BenchCase[] = [
  {
    suite: 'filter',
    name: 'op-flags',
    says: 'slots in memory by op and callback flags, against loops by hand in each language',
    run: opFlags,
  },
];

async function opFlags(bench: BenchRun): Promise<void> {
  // As lanes do.
  inlineAccessors();
  const partBytes = bench.isSmoke ? SMOKE_PART_BYTES : PART_BYTES;
  for (const input of await loadInput(bench)) {
    const part = partOfSlots(input, partBytes);
    if (part === input) {
      await compare(bench, input, 'all');
      continue;
    }
    await compare(bench, input, 'fast');
    await compare(bench, part, 'slow');
  }
}

async function compare(bench: BenchRun, input: SlotInput, set: SlotPeerSet): Promise<void> {
  const id = `filter/${input.name}/op-flags`;
  const peers = await SlotPeers.load(input.path, set);
  for (const { id: missing, reason } of peers.leftOut('scan', id)) bench.leftOut(missing, reason);
  const { results } = await compareSides({
    id,
    reads: READS,
    units: input.events,
    unit: 'events/s',
    rounds: bench.rounds,
    ours: () => timedAsync(() => ourScan(input)),
    baselines: peers.baselines('scan', [OP_MASK, ANY_CB], input.isLarge ? { c: 0.9 } : {}),
  });
  for (const result of results) bench.result(result);
  peers.close();
}
