import { type Pass, timedAsync } from '@sockflow/benchmark';
import { type Batch, type EventView, filterOp, fromSource, Op } from '@sockflow/core';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { drain } from '../harness/drain.ts';
import { memorySource } from '../harness/memory-source.ts';
import type { SlotInput } from '../harness/slot-input.ts';
import { compareSlots } from '../peers/native/compare-slots.ts';
import type { SlotCommand } from '../peers/native/slot-peers.ts';
import { everyField } from './every-field.ts';
import { fiveFields } from './five-fields.ts';
import { foldEveryField } from './fold-every-field.ts';

/** Of every op event, which is what an operator is for: it says that the batch has no other kinds. */
const ALL_OPS = Object.values(Op);

interface Fields {
  readonly name: string;
  readonly reads: string;
  readonly budget: number;
  readonly command: SlotCommand;
  /** Adds the values of a batch to the checksum, modulo 2^32. */
  readonly add: (batch: Batch, checksum: number) => number;
}

/** Five fields of every event: nothing is filtered. */
export const fiveFieldsCase: BenchCase = {
  suite: 'decode',
  name: 'five-fields',
  says: 'five fields of every event through the view, against loops in C, Go, Rust and Python',
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
  says: 'every field of every event into a checksum through the view, against loops in C, Go, Rust and Python',
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
  says: 'every field of every event into a checksum through foldFields, against loops in C, Go, Rust and Python',
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

function decodeAll(bench: BenchRun, { name, reads, budget, command, add }: Fields): Promise<void> {
  return compareSlots(bench, {
    suite: 'decode',
    name,
    reads,
    command,
    parameters: [],
    budget,
    ours: (input) => ourPass(input, add),
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
