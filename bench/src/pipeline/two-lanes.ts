import { type CaseResult, comparison } from '@sockflow/benchmark';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { ANY_CB, OP_MASK } from '../harness/bench-filter.ts';
import { cPass } from '../harness/c-pass.ts';
import { withC } from '../harness/c-program.ts';
import type { PeerProgram } from '../harness/peer-program.ts';
import { generatedRecording, type RecordingInput } from '../harness/recording-input.ts';
import { type LanesPass, lanesPass } from './lanes-pass.ts';

/* Asked for: 1.8 times one lane, or 0.95 of what two C threads gain. */
const GAIN = 1.8;
const OF_C_GAIN = 0.95;
/* Compiling the pipeline takes each lane some ten ms, in the background: free beside one lane, at the cost of the lanes where they have all cores. A longer input makes it small. */
const INPUT_FACTOR = 4;
const C_ROW = 'pipeline/generated/two-c-threads/one-c-thread';

/** A recording read, checked and filtered in one lane and in two; beside it, one C thread and two. */
export const twoLanesCase: BenchCase = {
  suite: 'pipeline',
  name: 'two-lanes',
  says: 'a recording read, checked and filtered in two lanes, against one lane; and what two C threads gain',
  async run(bench) {
    const inputBytes = bench.inputBytes * (bench.isSmoke ? 1 : INPUT_FACTOR);
    const input = await generatedRecording({ ...bench, inputBytes });
    const side = { program: 'files', libraries: ['z'], rows: [C_ROW] };
    await withC(bench, side, (c) => compare(input, c, bench));
  },
};

interface Gain {
  readonly oneNs: number;
  readonly twoNs: number;
  readonly answer: string;
}

async function compare(
  input: RecordingInput,
  c: PeerProgram | undefined,
  bench: BenchRun,
): Promise<void> {
  const ours: Gain[] = [];
  const theirs: Gain[] = [];
  for (let round = -1; round < bench.rounds; round++) {
    const our = await gainOf((lanes) => lanesPass(input.path, lanes));
    const their = c && (await gainOf((lanes) => threadsPass(c, input, lanes)));
    if (their !== undefined && their.answer !== our.answer)
      throw new Error(`two-lanes: ours found ${our.answer}, C found ${their.answer}`);
    if (round < 0) continue;
    ours.push(our);
    if (their !== undefined) theirs.push(their);
  }
  const shared = { reads: 'blocks, CRC, op, cbFlags, tsUs of survivors', unit: 'events/s' };
  const row = (id: string, baseline: string, gains: readonly Gain[], budget?: number): CaseResult =>
    comparison({
      ...shared,
      id,
      isLessBetter: false,
      baseline,
      kind: 'self',
      ours: gains.map(({ twoNs }) => input.events / (twoNs / 1e9)),
      theirs: gains.map(({ oneNs }) => input.events / (oneNs / 1e9)),
      budget,
    });
  const ofC = theirs.length === 0 ? undefined : row(C_ROW, 'one C thread', theirs);
  const budget = Math.min(GAIN, (ofC?.ratio ?? Infinity) * OF_C_GAIN);
  bench.result(row('pipeline/generated/two-lanes/one-lane', 'one lane', ours, budget));
  if (ofC !== undefined) bench.result(ofC);
}

/** One pass with one, one with two. */
async function gainOf(pass: (lanes: number) => Promise<LanesPass>): Promise<Gain> {
  const one = await pass(1);
  const two = await pass(2);
  if (one.answer !== two.answer)
    throw new Error(`two-lanes: one found ${one.answer}, two found ${two.answer}`);
  if (one.lanes !== 1 || two.lanes !== 2)
    throw new Error(`two-lanes: taken in ${one.lanes} and ${two.lanes}`);
  return { oneNs: one.ns, twoNs: two.ns, answer: two.answer };
}

async function threadsPass(
  c: PeerProgram,
  input: RecordingInput,
  threads: number,
): Promise<LanesPass> {
  const pass = await cPass(c, `lanes ${threads} ${OP_MASK} ${ANY_CB} ${input.path}`);
  return { ...pass, lanes: threads };
}
