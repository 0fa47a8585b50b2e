import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { figure, median, type Plot, type Point } from '@sockflow/benchmark';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { generatedRecording } from '../harness/recording-input.ts';
import { UsageAnswers } from './usage-answers.ts';
import {
  type Allocator,
  type Usage,
  type UsagePass,
  USAGE_WORKS,
  type UsageWorkName,
} from './usage-work.ts';

const ID = 'cost/generated';
const MOST_BYTES = 2 ** 27;
const MOST_ROUNDS = 5;
const BYTES_OF_TEXT = 8;
const LEAST_SHOWN_BYTES = 0.1;
const PROGRAM = fileURLToPath(new URL('./usage-child.js', import.meta.url));

type Quantity = 'userNs' | 'systemNs' | 'heapBytes' | 'switches';
type Usages = ReadonlyMap<UsageWorkName, Usage[]>;

/** CPU time, heap and context switches of an event, of all threads of a process. */
export const usage: BenchCase = {
  suite: 'cost',
  name: 'usage',
  says: 'CPU time, heap and context switches of an event: decoding, file sinks',
  run: runUsage,
};

async function runUsage(bench: BenchRun): Promise<void> {
  const inputBytes = Math.min(bench.inputBytes, MOST_BYTES);
  const input = await generatedRecording({ ...bench, inputBytes });
  await withOutputFolder(inputBytes * BYTES_OF_TEXT, async (folder) => {
    const answers = await UsageAnswers.of(input.path);
    const child = new UsageChild(input.path, folder);
    try {
      report(bench, await measure(bench, child, answers, join(folder, 'usage.out')));
      if (!bench.isSmoke) await tellAllocators(bench, child);
    } finally {
      child.close();
    }
  });
}

async function measure(
  bench: BenchRun,
  child: UsageChild,
  answers: UsageAnswers,
  output: string,
): Promise<Usages> {
  const usages: Usages = new Map(USAGE_WORKS.map(({ name }) => [name, []]));
  for (let round = bench.isSmoke ? 0 : -1; round < Math.min(bench.rounds, MOST_ROUNDS); round++) {
    for (const [name, taken] of round % 2 === 0 ? usages : [...usages].toReversed()) {
      const { usage: found, sum } = (await child.ask(`use ${name}`)) as UsagePass;
      await answers.check(name, sum, output);
      if (round >= 0) taken.push(found);
    }
  }
  return usages;
}

/** The process that is measured: one for all, as a lane does one thing after another. */
class UsageChild {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(path: string, folder: string) {
    this.#child = spawn(process.execPath, ['--expose-gc', PROGRAM, path, folder], {
      stdio: 'pipe',
    });
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async ask(command: string): Promise<unknown> {
    this.#child.stdin.write(`${command}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`cost/usage: the process ended at '${command}'`);
    return JSON.parse(value);
  }

  close(): void {
    this.#child.stdin.end();
  }
}

async function tellAllocators(bench: BenchRun, child: UsageChild): Promise<void> {
  for (const { name } of USAGE_WORKS) {
    const allocators = (await child.ask(`who ${name}`)) as readonly Allocator[];
    const texts = allocators.map((who) => `${who.name} ${(who.share * 100).toFixed(0)} %`);
    bench.note(`${ID}/${name} allocates in: ${texts.join(', ')}`);
  }
}

function report(bench: BenchRun, usages: Usages): void {
  for (const { name, says } of USAGE_WORKS) {
    const taken = usages.get(name) as Usage[];
    const common = { reads: says, isLessBetter: true };
    bench.result(
      figure({
        ...common,
        id: `${ID}/${name}-cpu`,
        values: taken.map(({ userNs, systemNs }) => userNs + systemNs),
        unit: 'ns/event',
      }),
    );
    bench.result(
      figure({
        ...common,
        id: `${ID}/${name}-heap`,
        values: taken.map(({ heapBytes }) => heapBytes),
        unit: 'B/event',
      }),
    );
  }
  bench.plot(
    plotOf(usages, 'cpu', 'CPU time of an event', 'ns an event, of all threads', [
      ['user', 'userNs'],
      ['system', 'systemNs'],
    ]),
  );
  bench.plot(
    onLogAxis(
      plotOf(usages, 'heap', 'Heap of an event', 'bytes allocated an event; 0.1 where less', [
        ['heap', 'heapBytes'],
      ]),
    ),
  );
  bench.plot(
    plotOf(usages, 'switches', 'Context switches', 'context switches, of a million events', [
      ['switches', 'switches'],
    ]),
  );
}

function plotOf(
  usages: Usages,
  id: string,
  title: string,
  label: string,
  series: readonly (readonly [name: string, quantity: Quantity])[],
): Plot {
  return {
    id: `${ID}/${id}`,
    title,
    x: { label: 'from a recording in the page cache, one lane', scale: 'category' },
    y: { label, scale: 'linear' },
    series: series.map(([name, quantity]) => ({
      name,
      points: USAGE_WORKS.map((work): Point => {
        const values = (usages.get(work.name) as Usage[]).map((taken) => taken[quantity]);
        const [low, high] = [Math.min(...values), Math.max(...values)];
        return { x: work.says, y: median(values), low, high };
      }),
    })),
  };
}

/** From next to nothing to thousands: a logarithmic axis, which has no 0. */
function onLogAxis(plot: Plot): Plot {
  const shown = (value: number): number => Math.max(value, LEAST_SHOWN_BYTES);
  return {
    ...plot,
    y: { ...plot.y, scale: 'log' },
    series: plot.series.map(({ name, points }) => ({
      name,
      points: points.map(({ x, y, low, high }) => {
        return { x, y: shown(y), low: shown(low), high: shown(high) };
      }),
    })),
  };
}
