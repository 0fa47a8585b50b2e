import {
  type Batch,
  Op,
  OP_NAMES,
  filterFlags,
  filterOp,
  fromSource,
  inlineAccessors,
} from '@sockflow/core';
import type { Observable } from 'rxjs';

import { ANY_CB, OP_MASK, OPS } from '../harness/bench-filter.ts';
import { CProgram, compileC, whyNoCompiler } from '../harness/c-program.ts';
import type { CaseResult } from '../harness/case-result.ts';
import { drain } from '../harness/drain.ts';
import { memorySource } from '../harness/memory-source.ts';
import { paired, timedAsync, type Pass } from '../harness/paired.ts';
import { loadInput, type SlotInput } from '../harness/slot-input.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { everyField } from './every-field.ts';
import { fiveFields } from './five-fields.ts';

/** Slots in memory against the same loops in C: scanning, five fields of the survivors, every field of every event. */
export async function decodeSuite(
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const { note } = options;
  const missing = whyNoCompiler();
  if (missing !== undefined) return note(missing);
  // As lanes do.
  inlineAccessors();
  for (const input of await loadInput(options)) {
    const c = new CProgram(compileC('slots'));
    await c.ask(`load ${input.path}`);
    note(
      `${input.name}: ${input.events} slots, ${(input.bytes / 2 ** 20).toFixed(0)} MiB; filter: ${OPS.map((op) => OP_NAMES[op]).join(', ')} with cb flags ${ANY_CB}`,
    );
    for (const run of [bandwidth, scan, sum, every]) report(await run(input, c, options));
    c.close();
  }
}

async function askC(c: CProgram, command: string): Promise<Pass> {
  const { ns, count, checksum } = await c.measure(command);
  return { ns, answer: `${count} ${checksum}` };
}

function survivors(input: SlotInput): Observable<Batch> {
  return fromSource(memorySource(input.spans), { views: 'reused' }).pipe(
    filterOp(...OPS),
    filterFlags({ cb: { any: ANY_CB } }),
  );
}

/** Memory read as 64-bit words, by C: what no scan can be faster than. */
async function bandwidth(
  input: SlotInput,
  c: CProgram,
  options: SuiteOptions,
): Promise<CaseResult> {
  const rates: number[] = [];
  for (let round = 0; round < options.rounds; round++)
    rates.push(input.bytes / (await c.measure('read')).ns);
  rates.sort((a, b) => a - b);
  return {
    id: `decode/${input.name}/memory-bandwidth`,
    value: rates[rates.length >> 1] ?? 0,
    unit: 'GB/s',
    baseline: undefined,
    ratio: undefined,
    spread: [rates[0] ?? 0, rates.at(-1) ?? 0],
    budget: undefined,
    pass: undefined,
  };
}

function against(
  input: SlotInput,
  name: string,
  budget: number,
  options: SuiteOptions,
): Omit<Parameters<typeof paired>[0], 'ours' | 'theirs'> {
  return {
    id: `decode/${input.name}/${name}`,
    units: input.events,
    unit: 'events/s',
    baseline: 'C -O3 -march=native',
    budget: input.isLarge ? budget : undefined,
    rounds: options.rounds,
  };
}

async function scan(input: SlotInput, c: CProgram, options: SuiteOptions): Promise<CaseResult> {
  const ours = (): Promise<Pass> =>
    timedAsync(async () => {
      let count = 0;
      let checksum = 0;
      await drain(survivors(input), (batch) => {
        const { words, size } = batch.raw;
        for (let index = 0; index < size; index++) checksum = (checksum + words[index]!) | 0;
        count += size;
      });
      return `${count} ${checksum >>> 0}`;
    });
  return paired({
    ...against(input, 'filter-op-flags', 0.9, options),
    ours,
    theirs: () => askC(c, `scan ${OP_MASK} ${ANY_CB}`),
  });
}

async function sum(input: SlotInput, c: CProgram, options: SuiteOptions): Promise<CaseResult> {
  const ours = (): Promise<Pass> =>
    timedAsync(async () => {
      let count = 0;
      let checksum = 0;
      await drain(survivors(input), (batch) => {
        batch.forEach((event) => {
          checksum = (checksum + fiveFields(event)) | 0;
        });
        count += batch.size;
      });
      return `${count} ${checksum >>> 0}`;
    });
  return paired({
    ...against(input, 'five-fields', 0.8, options),
    ours,
    theirs: () => askC(c, `sum ${OP_MASK} ${ANY_CB}`),
  });
}

async function every(input: SlotInput, c: CProgram, options: SuiteOptions): Promise<CaseResult> {
  const ours = (): Promise<Pass> =>
    timedAsync(async () => {
      let count = 0;
      let checksum = 0;
      await drain(
        fromSource(memorySource(input.spans), { views: 'reused' }).pipe(filterOp(...ALL_OPS)),
        (batch) => {
          batch.forEach((event) => {
            checksum = (checksum + everyField(event)) | 0;
          });
          count += batch.size;
        },
      );
      return `${count} ${checksum >>> 0}`;
    });
  return paired({
    ...against(input, 'every-field', 0.5, options),
    ours,
    theirs: () => askC(c, 'every'),
  });
}

const ALL_OPS = Object.values(Op);
