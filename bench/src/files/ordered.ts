import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { run } from 'sockflow';

import type { CaseResult } from '../harness/case-result.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { paired, type Pass } from '../harness/paired.ts';
import { generatedRecording } from '../harness/recording-input.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import type { OrderedParams } from './ordered.pipeline.ts';

const PIPELINE = new URL('./ordered.pipeline.js', import.meta.url);
/* NDJSON of all fields is what takes the time: a part of the usual input is enough. */
const MOST_INPUT_BYTES = 64 * 2 ** 20;
/* At most 2 kB of text for each 256 bytes of input, in two outputs. */
const TEXT_FACTOR = 16;

/** One file in order of time, by two lanes: against a part for each of two lanes, and against one lane. */
export async function orderedCase(
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const inputBytes = Math.min(options.inputBytes, MOST_INPUT_BYTES);
  const input = await generatedRecording({ ...options, inputBytes });
  await withOutputFolder(input.bytes * TEXT_FACTOR, async (folder) => {
    for (const what of ['all', 'losses'] as const) {
      const pass = (isOrdered: boolean, lanes: number): Promise<Pass> =>
        write({ recording: input.path, out: join(folder, 'out.ndjson'), isOrdered, what }, lanes);
      for (const [name, baseline, theirs] of [
        ['two-parts', 'a part for each of two lanes', () => pass(false, 2)],
        ['one-lane', 'one lane, as it comes', () => pass(false, 1)],
      ] as const) {
        const result = await paired({
          id: `files/${input.name}/ordered-${what}/${name}`,
          units: input.events,
          unit: 'events/s',
          baseline,
          budget: undefined,
          rounds: Math.min(options.rounds, 3),
          ours: () => pass(true, 2),
          theirs,
        });
        report(result);
      }
    }
  });
}

/** From the moment when all lanes read to the end of the run: threads that start and modules that load are the same for all. */
async function write(params: OrderedParams, lanes: number): Promise<Pass> {
  const handle = run(PIPELINE, { lanes, views: 'reused', params: { ...params } });
  await handle.started;
  const startNs = process.hrtime.bigint();
  const { sinks } = await handle.done;
  const ns = Number(process.hrtime.bigint() - startNs);
  const folder = join(params.out, '..');
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  return { ns, answer: String(sinks.reduce((sum, sink) => sum + sink.acknowledged, 0)) };
}
