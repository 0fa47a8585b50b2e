import { compareSides, type Pass, timedAsync } from '@sockflow/benchmark';
import { type EventView, filterOp, fromSource, inlineAccessors, Op } from '@sockflow/core';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { C_TITLE, cPass } from '../harness/c-pass.ts';
import { withC } from '../harness/c-program.ts';
import { drain } from '../harness/drain.ts';
import { memorySource } from '../harness/memory-source.ts';
import { loadInput, type SlotInput } from '../harness/slot-input.ts';
import { everyField } from './every-field.ts';
import { fiveFields } from './five-fields.ts';

/** Of every op event, which is what an operator is for: it says that the batch has no other kinds. */
const ALL_OPS = Object.values(Op);

interface Fields {
  readonly name: string;
  readonly reads: string;
  readonly budget: number;
  /** Of slots.c. */
  readonly command: string;
  /** What is summed of an event, modulo 2^32. */
  readonly sumOf: (event: EventView) => number;
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
      sumOf: fiveFields,
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
      sumOf: everyField,
    }),
};

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
      ours: () => ourPass(input, fields.sumOf),
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

function ourPass(input: SlotInput, sumOf: Fields['sumOf']): Promise<Pass> {
  return timedAsync(async () => {
    let count = 0;
    let checksum = 0;
    const events = fromSource(memorySource(input.spans), { views: 'reused' }).pipe(
      filterOp(...ALL_OPS),
    );
    await drain(events, (batch) => {
      batch.forEach((event) => {
        checksum = (checksum + sumOf(event)) | 0;
      });
      count += batch.size;
    });
    return `${count} ${checksum >>> 0}`;
  });
}
