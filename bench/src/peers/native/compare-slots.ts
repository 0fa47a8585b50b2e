import { compareSides, type Pass } from '@sockflow/benchmark';
import { inlineAccessors } from '@sockflow/core';

import type { BenchRun, SuiteName } from '../../harness/bench-case.ts';
import { partOfSlots } from '../../harness/part-of-slots.ts';
import { shared } from '../../harness/shared.ts';
import { loadInput, type SlotInput } from '../../harness/slot-input.ts';
import { type SlotCommand, SlotPeers, type SlotPeerSet } from './slot-peers.ts';

/* What Python takes half a second for. */
const PART_BYTES = 32 * 2 ** 20;
const SMOKE_PART_BYTES = 2 * 2 ** 20;

export interface CompareSlotsOptions {
  readonly suite: SuiteName;
  readonly name: string;
  readonly reads: string;
  readonly command: SlotCommand;
  readonly parameters: readonly number[];
  /** The least ratio to the plain C loop over the large input. */
  readonly budget: number;
  /** Answers `COUNT CHECKSUM`, as the peers do. */
  readonly ours: (input: SlotInput) => Promise<Pass>;
}

/** Ours against the native peers: over all of each input against those that keep pace, over a part of it against the others. */
export async function compareSlots(bench: BenchRun, options: CompareSlotsOptions): Promise<void> {
  // As lanes do.
  inlineAccessors();
  const partBytes = bench.isSmoke ? SMOKE_PART_BYTES : PART_BYTES;
  for (const input of await loadInput(bench)) {
    const part = partOfSlots(input, partBytes);
    if (part === input) {
      await compare(bench, input, 'all', options);
      continue;
    }
    await compare(bench, input, 'fast', options);
    await compare(bench, part, 'slow', options);
  }
}

async function compare(
  bench: BenchRun,
  input: SlotInput,
  set: SlotPeerSet,
  { suite, name, reads, command, parameters, budget, ours }: CompareSlotsOptions,
): Promise<void> {
  const id = `${suite}/${input.name}/${name}`;
  const peers = await shared(`native peers of ${input.path}, ${set}`, async () => {
    const value = await SlotPeers.load(input.path, set);
    return { value, end: () => value.close() };
  });
  for (const { id: missing, reason } of peers.leftOut(command, id)) bench.leftOut(missing, reason);
  const { results } = await compareSides({
    id,
    reads,
    units: input.events,
    unit: 'events/s',
    rounds: bench.rounds,
    ours: () => ours(input),
    baselines: peers.baselines(command, parameters, input.isLarge ? { c: budget } : {}),
  });
  for (const result of results) bench.result(result);
}
