import { compareSides, type Pass, timedAsync } from '@sockflow/benchmark';
import {
  type Batch,
  type EventView,
  filterOp,
  fromSource,
  inlineAccessors,
  Op,
} from '@sockflow/core';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { C_TITLE, cPass } from '../harness/c-pass.ts';
import { withC } from '../harness/c-program.ts';
import { drain } from '../harness/drain.ts';
import { memorySource } from '../harness/memory-source.ts';
import { loadInput, type SlotInput } from '../harness/slot-input.ts';
import { everyField } from './every-field.ts';
import { fiveFields } from './five-fields.ts';
import { foldEveryField } from './fold-every-field.ts';

/** Of every op event, which is what an operator is for: it says that the batch has no other kinds. */
const ALL_OPS = Object.values(Op);

interface Fields {
  readonly name: string;
  readonly reads: string;
  readonly budget: number;
  /** Of slots.c. */
  readonly command: string;
  /** Adds the values of a batch to the checksum, modulo 2^32. */
  readonly add: (batch: Batch, checksum: number) => number;
}

/** Five fields of every event: nothing is filtered. */
export const fiveFieldsCase: BenchCase = {
  suite: 'decode',
  name: 'five-fields',
  says: 'five fields of every event through the view, against the same loop in C',
  run: (bench) =>
    decodeAll(bench, {
      name: 'five-fields',
      reads: 'srttUs, sndCwnd, totalRetrans, bytesAcked, localPort of every event',
      budget: 0.8,
      command: 'five',
      add: throughViews(fiveFields),
    }),
};

/** Every field of every event. */
export const everyFieldCase: BenchCase = {
  suite: 'decode',
  name: 'every-field',
  says: 'every field of every event into a checksum through the view, against the same loop in C',
  run: (bench) =>
    decodeAll(bench, {
      name: 'every-field',
      reads: 'every numeric field of every event',
      budget: 0.5,
      command: 'every',
      add: throughViews(everyField),
    }),
};

/** Every field of every event, by a loop made for them. */
export const everyFieldFoldCase: BenchCase = {
  suite: 'decode',
  name: 'every-field-fold',
  says: 'every field of every event into a checksum through foldFields, against the same loop in C',
  run: (bench) =>
    decodeAll(bench, {
      name: 'every-field-fold',
      reads: 'every numeric field of every event',
      budget: 0.5,
      command: 'every',
      add: foldEveryField(),
    }),
};

function throughViews(sumOf: (event: EventView) => number): Fields['add'] {
  return (batch, checksum) => {
    let sum = checksum;
    batch.forEach((event) => {
      sum = (sum + sumOf(event)) | 0;
    });
    return sum;
  };
}

async function decodeAll(bench: BenchRun, fields: Fields): Promise<void> {
  // As lanes do.
  inlineAccessors();
  for (const input of await loadInput(bench)) await compare(input, fields, bench);
}

async function compare(input: SlotInput, fields: Fields, bench: BenchRun): Promise<void> {
  const id = `decode/${input.name}/${fields.name}`;
  await withC(bench, { program: 'slots', rows: [`${id}/c`] }, async (c) => {
    if (c === undefined) return;
    await c.ask(`load ${input.path}`);
    const { results } = await compareSides({
      id,
      reads: fields.reads,
      units: input.events,
      unit: 'events/s',
      rounds: bench.rounds,
      ours: () => ourPass(input, fields.add),
      baselines: [
        {
          name: 'c',
          title: C_TITLE,
          kind: 'peer',
          budget: input.isLarge ? fields.budget : undefined,
          run: () => cPass(c, fields.command),
        },
      ],
    });
    for (const result of results) bench.result(result);
  });
}

function ourPass(input: SlotInput, add: Fields['add']): Promise<Pass> {
  return timedAsync(async () => {
    let count = 0;
    let checksum = 0;
    const events = fromSource(memorySource(input.spans), { views: 'reused' }).pipe(
      filterOp(...ALL_OPS),
    );
    await drain(events, (batch) => {
      checksum = add(batch, checksum);
      count += batch.size;
    });
    return `${count} ${checksum >>> 0}`;
  });
}
