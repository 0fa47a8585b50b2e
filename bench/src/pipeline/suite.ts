import { type Batch, filterFlags, filterOp, fromSource, type SlotSpan } from '@sockflow/core';
import type { Observable } from 'rxjs';

import { OPS, OP_MASK, ANY_CB } from '../harness/bench-filter.ts';
import { CProgram, compileC, whyNoCompiler } from '../harness/c-program.ts';
import type { CaseResult } from '../harness/case-result.ts';
import { drain } from '../harness/drain.ts';
import { memorySource } from '../harness/memory-source.ts';
import { paired, type Pass, timed, timedAsync } from '../harness/paired.ts';
import { loadInput, type SlotInput } from '../harness/slot-input.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { countByHand } from './handwritten.ts';
import { naiveSurvivors } from './naive.ts';
import { twoLanes } from './two-lanes.ts';

/* The naive way is timed on a part of the input: on all of it one pass would take most of a minute. */
const NAIVE_BYTES = 32 * 2 ** 20;

type Report = (result: CaseResult) => void;

/** A filter through the public API and RxJS, counting survivors, against C, a loop by hand and the naive way; and two lanes against one. */
export async function pipelineSuite(options: SuiteOptions, report: Report): Promise<void> {
  for (const input of await loadInput(options)) {
    await againstC(input, options, report);
    report(await againstHand(input, options));
    report(await againstNaive(input, options));
  }
  await twoLanes(options, report);
}

function survivors(spans: readonly SlotSpan[]): Observable<Batch> {
  return fromSource(memorySource(spans), { views: 'reused' }).pipe(
    filterOp(...OPS),
    filterFlags({ cb: { any: ANY_CB } }),
  );
}

function countOurs(spans: readonly SlotSpan[]): Promise<Pass> {
  return timedAsync(async () => {
    let count = 0;
    await drain(survivors(spans), (batch) => {
      count += batch.size;
    });
    return String(count);
  });
}

async function againstC(input: SlotInput, options: SuiteOptions, report: Report): Promise<void> {
  const missing = whyNoCompiler();
  if (missing !== undefined) return options.note(missing);
  const c = new CProgram(compileC('slots'));
  await c.ask(`load ${input.path}`);
  const result = await paired({
    id: `pipeline/${input.name}/count-survivors/c`,
    units: input.events,
    unit: 'events/s',
    baseline: 'C -O3 -march=native',
    budget: input.isLarge ? 0.5 : undefined,
    rounds: options.rounds,
    ours: () => countOurs(input.spans),
    theirs: async () => {
      const { ns, count } = await c.measure(`scan ${OP_MASK} ${ANY_CB}`);
      return { ns, answer: String(count) };
    },
  });
  report(result);
  c.close();
}

function againstHand(input: SlotInput, options: SuiteOptions): Promise<CaseResult> {
  return paired({
    id: `pipeline/${input.name}/count-survivors/by-hand`,
    units: input.events,
    unit: 'events/s',
    baseline: 'typed-array loop by hand',
    budget: input.isLarge ? 0.8 : undefined,
    rounds: options.rounds,
    ours: () => countOurs(input.spans),
    theirs: () => timed(() => String(countByHand(input.spans, OP_MASK, ANY_CB))),
  });
}

function againstNaive(input: SlotInput, options: SuiteOptions): Promise<CaseResult> {
  const spans = input.spans.slice(0, Math.max(1, Math.floor(NAIVE_BYTES / 2 ** 20)));
  return paired({
    id: `pipeline/${input.name}/count-survivors/naive`,
    units: (input.events * spans.length) / input.spans.length,
    unit: 'events/s',
    baseline: 'objects + RxJS per event (naive)',
    budget: input.isLarge ? 8 : undefined,
    rounds: Math.min(options.rounds, 5),
    ours: () => countOurs(spans),
    theirs: () =>
      timedAsync(async () => {
        let count = 0;
        await drain(naiveSurvivors(spans, OPS, ANY_CB), () => count++);
        return String(count);
      }),
  });
}
