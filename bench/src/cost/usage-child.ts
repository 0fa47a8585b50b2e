import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { type Batch, filterKind, inlineAccessors, Kind } from '@sockflow/core';
import { file, writeTo } from '@sockflow/sinks';
import { fromReplay, openRecording } from '@sockflow/source-replay';
import { type Observable, tap } from 'rxjs';

import { everyField } from '../decode/every-field.ts';
import { fiveFields } from '../decode/five-fields.ts';
import { drain } from '../harness/drain.ts';
import { allocatorsOf } from './allocators-of.ts';
import { UsageWindow } from './usage-window.ts';
import type { UsagePass, UsageWorkName } from './usage-work.ts';

/*
 * Reads a recording on order and says what an event took. One command a line on standard input, one line of JSON for each:
 *
 *   use NAME     -> UsagePass    a pass of that work; what a sink wrote stays in FOLDER/usage.out
 *   who NAME     -> Allocator[]  the same under the sampling heap profiler
 */
const [, , path = '', folder = ''] = process.argv;
const { events } = openRecording(path);
const output = join(folder, 'usage.out');

interface Done {
  readonly count: number;
  readonly sum: number | undefined;
}

const SUM_OF: Partial<Record<UsageWorkName, (batch: Batch) => number>> = {
  'five-fields': (batch) => {
    let sum = 0;
    batch.forEach((event) => {
      sum = (sum + fiveFields(event)) | 0;
    });
    return sum;
  },
  'every-field': (batch) => {
    let sum = 0;
    batch.forEach((event) => {
      sum = (sum + everyField(event)) | 0;
    });
    return sum;
  },
  objects: (batch) => batch.toObjects().length,
};

/** @returns how many events were done with, and the checksum of what was read, where it was */
async function work(name: UsageWorkName, batches: Observable<Batch>): Promise<Done> {
  let count = 0;
  const sumOf = SUM_OF[name];
  if (sumOf !== undefined) {
    let sum = 0;
    await drain(batches, (batch) => {
      sum = (sum + sumOf(batch)) | 0;
      count += batch.size;
    });
    return { count, sum };
  }
  const encoding = name as 'recording' | 'msgpack' | 'ndjson';
  rmSync(output, { force: true });
  const { acknowledged } = await writeTo(batches, file(output, { encoding }));
  return { count: acknowledged, sum: undefined };
}

function ops(window: UsageWindow): Observable<Batch> {
  return fromReplay(path, { views: 'reused' }).pipe(
    filterKind(Kind.OP),
    tap((batch) => window.passed(batch.size)),
  );
}

async function answer(line: string): Promise<unknown> {
  const [command, name] = line.split(' ') as [string, UsageWorkName];
  const window = new UsageWindow(events * 0.25, events * 0.75);
  let sum: number | undefined;
  const run = async (): Promise<void> => {
    const done = await work(name, ops(window));
    if (done.count !== window.seen || done.count === 0)
      throw new Error(`${name}: ${window.seen} read, ${done.count} done`);
    sum = done.sum;
  };
  if (command === 'who') return allocatorsOf(run);
  globalThis.gc?.();
  await run();
  return { usage: window.usage(), sum } satisfies UsagePass;
}

inlineAccessors();
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
