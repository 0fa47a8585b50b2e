import { lastValueFrom, type Observable, toArray } from 'rxjs';
import { run } from 'sockflow';

import { ANY_CB, OP_MASK } from '../harness/bench-filter.ts';
import { CProgram, compileC, whyNoCompiler } from '../harness/c-program.ts';
import type { CaseResult } from '../harness/case-result.ts';
import { median, type Pass } from '../harness/paired.ts';
import { generatedRecording, type RecordingInput } from '../harness/recording-input.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import type { LaneCount } from './count-survivors.pipeline.ts';

/* Asked for: 1.8 times one lane, or 0.95 of what two C threads gain. */
const GAIN = 1.8;
const OF_C_GAIN = 0.95;
/* Compiling the pipeline takes each lane some ten ms, in the background: free beside one lane, at the cost of the lanes where they have all cores. A longer input makes it small. */
const INPUT_FACTOR = 4;

/** A recording read, checked and filtered in one lane and in two; beside it, one C thread and two. */
export async function twoLanes(
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const input = await generatedRecording({
    ...options,
    inputBytes: options.inputBytes * INPUT_FACTOR,
  });
  const c = whyNoCompiler() === undefined ? new CProgram(compileC('files', ['z'])) : undefined;
  const ourGains: number[] = [];
  const theirGains: number[] = [];
  const ourNs: number[] = [];
  for (let round = -1; round < options.rounds; round++) {
    const [ours, theirs] = [
      await gainOf((lanes) => lanesPass(input, lanes)),
      c && (await gainOf((lanes) => threadsPass(c, input, lanes))),
    ];
    if (theirs !== undefined && theirs.answer !== ours.answer)
      throw new Error(`two-lanes: ours found ${ours.answer}, C found ${theirs.answer}`);
    if (round < 0) continue;
    ourGains.push(ours.gain);
    ourNs.push(ours.ns);
    if (theirs !== undefined) theirGains.push(theirs.gain);
  }
  c?.close();
  for (const result of results(input, ourNs, ourGains, theirGains)) report(result);
}

function results(
  input: RecordingInput,
  ns: readonly number[],
  ours: readonly number[],
  theirs: readonly number[],
): CaseResult[] {
  const gain = median(ours);
  const cGain = theirs.length === 0 ? undefined : median(theirs);
  const budget = Math.min(GAIN, cGain === undefined ? GAIN : cGain * OF_C_GAIN);
  const ofUs: CaseResult = {
    id: 'pipeline/generated/two-lanes',
    value: input.events / (median(ns) / 1e9),
    unit: 'events/s',
    baseline: 'one lane',
    ratio: gain,
    spread: [Math.min(...ours), Math.max(...ours)],
    budget,
    pass: gain >= budget,
  };
  if (cGain === undefined) return [ofUs];
  const ofC: CaseResult = {
    ...ofUs,
    id: 'pipeline/generated/two-c-threads',
    value: cGain,
    unit: 'x',
    baseline: 'one C thread',
    ratio: cGain,
    spread: [Math.min(...theirs), Math.max(...theirs)],
    budget: undefined,
    pass: undefined,
  };
  return [ofUs, ofC];
}

/** One pass with one, one with two; how much faster two were. */
async function gainOf(
  pass: (lanes: number) => Promise<Pass>,
): Promise<{ gain: number; ns: number; answer: string }> {
  const one = await pass(1);
  const two = await pass(2);
  if (one.answer !== two.answer)
    throw new Error(`two-lanes: one found ${one.answer}, two found ${two.answer}`);
  return { gain: one.ns / two.ns, ns: two.ns, answer: two.answer };
}

/** From the first lane's beginning to the last one's end: threads that start and modules that load are not what lanes are for. */
async function lanesPass(input: RecordingInput, lanes: number): Promise<Pass> {
  const handle = run(new URL('./count-survivors.pipeline.js', import.meta.url), {
    lanes,
    views: 'reused',
    params: { recording: input.path },
  });
  const emitted = lastValueFrom((handle.results as Observable<LaneCount>).pipe(toArray()));
  await handle.done;
  const counts = await emitted;
  const startNs = counts.map((count) => count.startNs).reduce((a, b) => (a < b ? a : b));
  const endNs = counts.map((count) => count.endNs).reduce((a, b) => (a > b ? a : b));
  const count = counts.reduce((sum, lane) => sum + lane.count, 0);
  const checksum = counts.reduce((sum, lane) => (sum + lane.checksum) % 2 ** 32, 0);
  return { ns: Number(endNs - startNs), answer: `${count} ${checksum}` };
}

async function threadsPass(c: CProgram, input: RecordingInput, threads: number): Promise<Pass> {
  const { ns, count, checksum } = await c.measure(
    `lanes ${threads} ${OP_MASK} ${ANY_CB} ${input.path}`,
  );
  return { ns, answer: `${count} ${checksum}` };
}
