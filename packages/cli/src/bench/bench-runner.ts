import {
  type Baseline,
  type CaseResult,
  compareSides,
  figure,
  type Pass,
  type Plot,
} from '@sockflow/benchmark';
import type { RunHandle } from '@sockflow/core';

import { CommandError } from '../errors.ts';
import type { FilterSet } from '../options/filter-set.ts';
import type { BenchInput } from './bench-input.ts';
import type { BenchWork } from './bench-params.ts';
import { lanesPlot, sidesPlot } from './bench-plots.ts';
import { lanePass, type LanePass } from './lane-pass.ts';
import { FIELDS_READ } from './read-fields.ts';
import { readPass } from './read-pass.ts';

/** What is compared with what. */
export interface BenchSubject {
  /** In ids and tables: `slow.ts`. */
  readonly name: string;
  readonly work: BenchWork;
  readonly filters: FilterSet;
}

/** What a benchmark found. */
export interface BenchFindings {
  readonly results: readonly CaseResult[];
  readonly plots: readonly Plot[];
  readonly warnings: readonly string[];
}

export interface BenchRunnerOptions {
  readonly subject: BenchSubject;
  readonly signal: AbortSignal;
  /** Called after each pass with the events that it went through. */
  readonly onPass: (events: number) => void;
  /** Called after each comparison with the id of its rows, and them. */
  readonly onCase: (id: string, rows: readonly CaseResult[]) => void;
  /** Called after each counted round. */
  readonly onRound: () => void;
}

/** What one pass of each side in one lane took, all together. */
export interface Probe {
  readonly ns: number;
  /** With what is not counted: threads that start, code that is compiled. */
  readonly wallNs: number;
  readonly passes: number;
}

const NS_PER_MS = 1e6;
/* Of a recording: what each lane's compiler is fed before it counts. */
const WARM_UP_RATIO = 0.25;
const MOST_WARM_UP_BYTES = 32 * 2 ** 20;

const READ: Pick<Baseline, 'name' | 'title' | 'kind'> = {
  name: 'read',
  title: 'only reading: blocks and their CRC',
  kind: 'self',
};
const FIELDS: Pick<Baseline, 'name' | 'title' | 'kind'> = {
  name: 'fields',
  title: 'reading six fields of each event',
  kind: 'self',
};
const NAIVE: Pick<Baseline, 'name' | 'title' | 'kind'> = {
  name: 'naive',
  title: 'an object for each event through RxJS',
  kind: 'naive',
};

/** Takes the passes of one subject and makes rows of them. */
export class BenchRunner {
  readonly #options: BenchRunnerOptions;
  /** Of the comparison under way, by side; its first round is not counted. */
  readonly #passes: Map<string, Pass[]>;
  readonly #counted: Map<string, Pass[]>;
  /** Of the comparison under way; 0 while there is none. */
  #sideCount: number;
  #handle: RunHandle | undefined;

  constructor(options: BenchRunnerOptions) {
    this.#options = options;
    this.#passes = new Map();
    this.#counted = new Map();
    this.#sideCount = 0;
    this.#handle = undefined;
    options.signal.addEventListener('abort', () => this.#handle?.stop({ now: true }));
  }

  async probe(input: BenchInput): Promise<Probe> {
    const startMs = performance.now();
    const sides = [...this.#sides(input).map(({ run }) => run), this.#inLanes(input, 1)];
    let ns = 0;
    for (const run of sides) ns += (await run()).ns;
    this.#passes.clear();
    return { ns, wallNs: (performance.now() - startMs) * NS_PER_MS, passes: sides.length };
  }

  /** @param lanes in the order of the rows; one lane is always measured */
  async measure(
    input: BenchInput,
    lanes: readonly number[],
    rounds: number,
  ): Promise<BenchFindings> {
    const { subject } = this.#options;
    const id = `bench/${input.name}/${subject.name}`;
    const common = { reads: this.#reads(), units: input.events, unit: 'events/s', rounds };
    const baselines = this.#sides(input);
    const ours = this.#inLanes(input, 1);
    this.#sideCount = baselines.length + 1;
    const { results } = await compareSides({ ...common, id, ours, baselines });
    this.#endCase(id, results);
    const rows = [...results, ...this.#figures(id, input)];
    for (const count of lanes.filter((lane) => lane !== 1)) {
      const oneLane = { name: '1-lane', title: 'one lane', kind: 'self' as const, run: ours };
      this.#sideCount = 2;
      const gainId = `${id}-${count}-lanes`;
      const gain = await compareSides({
        ...common,
        id: gainId,
        ours: this.#inLanes(input, count),
        baselines: [oneLane],
      });
      this.#endCase(gainId, gain.results);
      rows.push(...gain.results);
    }
    const { plots, warnings } = this.#told(input, lanes);
    return { results: rows, plots, warnings };
  }

  #reads(): string {
    // Which ones a pipeline of the user's reads nobody can tell.
    return this.#options.subject.work.kind === 'module' ? '' : FIELDS_READ;
  }

  #sides(input: BenchInput): Baseline[] {
    const read = async (): Promise<Pass> => this.#noted('read', input, await readPass(input.paths));
    const fields = { ...FIELDS, run: this.#working(input, 'fields', { kind: 'fields' }, 1) };
    const naive = { ...NAIVE, run: this.#working(input, 'naive', { kind: 'objects' }, 1) };
    const isOfUser = this.#options.subject.work.kind === 'module';
    return [{ ...READ, run: read }, ...(isOfUser ? [fields] : []), naive];
  }

  #inLanes(input: BenchInput, lanes: number): () => Promise<LanePass> {
    return this.#working(input, `lanes-${lanes}`, this.#options.subject.work, lanes);
  }

  #working(
    input: BenchInput,
    side: string,
    work: BenchWork,
    lanes: number,
  ): () => Promise<LanePass> {
    const warmUpBytes = Math.min(MOST_WARM_UP_BYTES, input.sizeBytes * WARM_UP_RATIO);
    return async () => {
      this.#options.signal.throwIfAborted();
      const pass = await lanePass({
        recordings: input.paths,
        filters: this.#options.subject.filters,
        work,
        warmUpBytes,
        lanes,
        onStart: (handle) => {
          this.#handle = handle;
        },
      });
      return this.#noted(side, input, pass);
    };
  }

  /** Every pass must have gone through all of the recording. */
  #noted<P extends Pass>(side: string, input: BenchInput, pass: P): P {
    this.#options.signal.throwIfAborted();
    const { subject, onPass } = this.#options;
    if (pass.answer !== `${input.events} events`) {
      throw new CommandError(
        'ERR_SOCKFLOW_BENCH_ANSWER',
        `a pass (${side}) went through ${pass.answer}, and the recording has ${input.events}`,
        {
          details: { place: subject.name },
          remedy:
            'Benchmark a pipeline that reads its source to the end: one with take() or first() ends before, and cannot be compared',
        },
      );
    }
    this.#passes.set(side, [...(this.#passes.get(side) ?? []), pass]);
    onPass(input.events);
    this.#countRound();
    return pass;
  }

  /** The first round of a comparison is not counted. */
  #countRound(): void {
    const count = [...this.#passes.values()].reduce((sum, { length }) => sum + length, 0);
    if (this.#sideCount > 0 && count > this.#sideCount && count % this.#sideCount === 0)
      this.#options.onRound();
  }

  #figures(id: string, { events }: BenchInput): CaseResult[] {
    const passes = this.#lanePasses(1);
    const reads = this.#reads();
    const row = (
      name: string,
      unit: string,
      isLessBetter: boolean,
      read: (pass: LanePass) => number,
    ): CaseResult =>
      figure({ id: `${id}/${name}`, reads, unit, isLessBetter, values: passes.map(read) });
    return [
      row('cpu', 'ns/event', true, ({ cpuNs }) => cpuNs / events),
      row('allocated', 'B/event', true, ({ allocatedBytes }) => allocatedBytes / events),
      row('collecting', '% of time', true, ({ collectedRatio }) => collectedRatio * 100),
      row('delivered', 'events or values', false, ({ delivered }) => delivered),
    ];
  }

  #lanePasses(lanes: number): readonly LanePass[] {
    return (this.#counted.get(`lanes-${lanes}`) ?? []) as LanePass[];
  }

  /** What it took is counted now. */
  #endCase(id: string, rows: readonly CaseResult[]): void {
    this.#options.onCase(id, rows);
    for (const [side, [, ...counted]] of this.#passes)
      this.#counted.set(side, [...(this.#counted.get(side) ?? []), ...counted]);
    this.#passes.clear();
  }

  #told(input: BenchInput, lanes: readonly number[]): Pick<BenchFindings, 'plots' | 'warnings'> {
    const { name } = this.#options.subject;
    const id = `bench/${input.name}/${name}`;
    const counted = (side: string): readonly Pass[] => this.#counted.get(side) ?? [];
    const all = [...new Set([1, ...lanes])].toSorted((a, b) => a - b);
    const ofLanes = all.map((count) => [count, counted(`lanes-${count}`)] as const);
    const sides = [
      ['only reading', counted('read')],
      ['six fields', counted('fields')],
      [name, counted('lanes-1')],
      ['naive', counted('naive')],
    ] as const;
    return {
      plots: [
        sidesPlot(
          id,
          input.events,
          sides.filter(([, passes]) => passes.length > 0),
        ),
        ...(all.length > 1 ? [lanesPlot(id, name, input.events, ofLanes)] : []),
      ],
      warnings: all.flatMap((count) => deliveryWarnings(count, this.#lanePasses(count))),
    };
  }
}

/** What a pipeline delivers may depend on time or chance: then no pass is like another, and its figures say less. */
function deliveryWarnings(lanes: number, passes: readonly LanePass[]): string[] {
  const counts = passes.map(({ delivered }) => delivered);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least === most) return [];
  return [
    `passes in ${lanes === 1 ? 'one lane' : `${lanes} lanes`} delivered between ${least} and ${most} events or values: what the pipeline does depends on time or chance`,
  ];
}
