import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { compareSides, type Pass } from '@sockflow/benchmark';
import { run } from 'sockflow';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { generatedRecording, type RecordingInput } from '../harness/recording-input.ts';
import { contentOfLines } from './content-of-lines.ts';
import type { OrderedParams } from './ordered.pipeline.ts';

const PIPELINE = new URL('./ordered.pipeline.js', import.meta.url);
/* NDJSON of all fields is what takes the time: a part of the usual input is enough. */
const MOST_INPUT_BYTES = 64 * 2 ** 20;
const SMOKE_INPUT_BYTES = 4 * 2 ** 20;
const MOST_ROUNDS = 3;
/* At most 2 kB of text for each 256 bytes of input, in two outputs. */
const TEXT_FACTOR = 16;

/** One file in order of time, by two lanes: against a part for each of two lanes, and against one lane. */
export const orderedCase: BenchCase = {
  suite: 'sinks',
  name: 'ordered',
  says: 'NDJSON in order of time from two lanes, against parts of each lane and against one lane',
  async run(bench) {
    const mostBytes = bench.isSmoke ? SMOKE_INPUT_BYTES : MOST_INPUT_BYTES;
    const inputBytes = Math.min(bench.inputBytes, mostBytes);
    const input = await generatedRecording({ ...bench, inputBytes });
    await withOutputFolder(input.bytes * TEXT_FACTOR, async (folder) => {
      for (const what of ['all', 'losses'] as const)
        await compare(what, input, join(folder, 'out.ndjson'), bench);
    });
  },
};

async function compare(
  what: OrderedParams['what'],
  input: RecordingInput,
  out: string,
  bench: BenchRun,
): Promise<void> {
  const pass = (isOrdered: boolean, lanes: number, files: number): Promise<Pass> =>
    write({ recording: input.path, out, isOrdered, what }, lanes, files);
  const { results } = await compareSides({
    id: `sinks/${input.name}/ordered-${what}`,
    reads: what === 'all' ? 'every field of every event' : 'op; every field of losses',
    units: input.events,
    unit: 'events/s',
    rounds: Math.min(bench.rounds, MOST_ROUNDS),
    ours: () => pass(true, 2, 1),
    baselines: [
      {
        name: 'two-parts',
        title: 'a part for each of two lanes',
        kind: 'self',
        run: () => pass(false, 2, 2),
      },
      {
        name: 'one-lane',
        title: 'one lane, as it comes',
        kind: 'self',
        run: () => pass(false, 1, 1),
      },
    ],
  });
  for (const result of results) bench.result(result);
}

/** From the moment when all lanes read to the end of the run: threads that start and modules that load are the same for all. What it wrote must be so many files; one of several lanes, in order of time. */
async function write(params: OrderedParams, lanes: number, files: number): Promise<Pass> {
  const handle = run(PIPELINE, { lanes, views: 'reused', params: { ...params } });
  await handle.started;
  const startNs = process.hrtime.bigint();
  const { sinks } = await handle.done;
  const ns = Number(process.hrtime.bigint() - startNs);
  const folder = join(params.out, '..');
  const names = readdirSync(folder);
  if (names.length !== files) throw new Error(`ordered: ${names.length} files of ${files}`);
  let [count, checksum, bytes] = [0, 0, 0];
  for (const name of names) {
    const content = await contentOfLines(join(folder, name));
    if (lanes > files && !content.isInOrder)
      throw new Error(`ordered: ${name} is not in order of time`);
    count += content.count;
    checksum = (checksum + content.checksum) >>> 0;
    bytes += content.bytes;
    rmSync(join(folder, name));
  }
  const acknowledged = sinks.reduce((sum, sink) => sum + sink.acknowledged, 0);
  if (acknowledged !== count) throw new Error(`ordered: ${acknowledged} written, ${count} read`);
  return { ns, answer: `${count} ${checksum} ${bytes}` };
}
