import { isDeepStrictEqual } from 'node:util';

import type { Sink, SinkReport, SinkWriter } from '../../contracts/sink.ts';
import { Collecting } from './collecting.ts';
import { SampleBatches } from './sample-batches.ts';

/** Where a test looks what a sink has written. */
export interface ReadBackContext {
  readonly lane: number;
  /** Whether the lane has closed; before that it has flushed. */
  readonly isClosed: boolean;
  /** What `close` told. */
  readonly report?: SinkReport;
}

/** What is given to a sink, how, and what is looked at. */
export interface DriveOptions {
  readonly values?: readonly unknown[] | undefined;
  readonly inputs: number;
  readonly readBack?:
    | ((at: ReadBackContext) => Promise<readonly unknown[] | undefined>)
    | undefined;
  readonly isComplete: boolean;
  /** The rule that the lane with input breaks where its books do not balance; the lane without. */
  readonly rules: { readonly busy: string; readonly idle: string };
}

const BATCH_EVENTS = 8;
const LANES = 2;
/** Every so many inputs the next comes before the promise of the last has settled. */
const OVERLAP = 4;

/** One run: a lane that is given inputs, and one that is given none. */
export async function driveSink(
  sink: Sink,
  options: DriveOptions,
  broken: string[],
): Promise<void> {
  await sink.prepare?.({ lanes: LANES });
  const collecting = new Collecting(sink, LANES);
  const driven = async (lane: number): Promise<DrivenWriter> =>
    new DrivenWriter(sink, await sink.open(collecting.contextOf(lane)), options, broken);
  try {
    const busy = await driven(0);
    const idle = await driven(1);
    await busy.writeAll();
    const busyEnd = busy.finish(options.rules.busy, 0);
    // A sink that collects may wait in one lane until the other one is at its end, too.
    if (sink.collect === undefined) await busyEnd;
    await Promise.all([busyEnd, idle.finish(options.rules.idle, 1)]);
    await collecting.end(broken);
  } finally {
    collecting.close();
  }
}

class DrivenWriter {
  readonly #sink: Sink;
  readonly #writer: SinkWriter;
  readonly #options: DriveOptions;
  readonly #broken: string[];
  readonly #given: unknown[];
  #accounted: number;

  constructor(sink: Sink, writer: SinkWriter, options: DriveOptions, broken: string[]) {
    this.#sink = sink;
    this.#writer = writer;
    this.#options = options;
    this.#broken = broken;
    this.#given = [];
    this.#accounted = 0;
  }

  async writeAll(): Promise<void> {
    const samples = new SampleBatches(BATCH_EVENTS);
    let pending: Promise<void>[] = [];
    for (let input = 0; input < this.#options.inputs; input++) {
      const settled = this.#write(samples, input);
      if (settled !== undefined) pending.push(settled);
      if (input % OVERLAP === 1) continue;
      await Promise.all(pending);
      pending = [];
      this.#look();
    }
    await Promise.all(pending);
    this.#look();
  }

  /** Flushes, closes and closes again, and compares after each. */
  async finish(rule: string, lane: number): Promise<void> {
    const { isComplete, readBack } = this.#options;
    await this.#writer.flush();
    this.#balance(rule, 'flush');
    await this.#compare('flush', await readBack?.({ lane, isClosed: false }));
    const report = await this.#writer.close({ isComplete });
    this.#balance(rule, 'close');
    if (isComplete) {
      await this.#compare('close', await readBack?.({ lane, isClosed: true, report }));
    }
    await this.#closeAgain(lane, isComplete, report);
  }

  async #closeAgain(lane: number, isComplete: boolean, report: SinkReport): Promise<void> {
    try {
      await this.#writer.close({ isComplete });
      this.#balance('SI7', 'a second close');
      if (!isComplete) return;
      const found = await this.#options.readBack?.({ lane, isClosed: true, report });
      await this.#compare('a second close', found);
    } catch (error) {
      this.#broken.push(`SI7: closed a second time: ${String(error)}`);
    }
  }

  #write(samples: SampleBatches, input: number): Promise<void> | undefined {
    const { values } = this.#options;
    const batch = samples.next();
    const isBatch =
      this.#sink.accepts === 'batches' || (this.#sink.accepts === 'both' && input % 3 !== 2);
    const value = values?.[input % values.length] ?? batch.at(input % batch.size).toObject();
    if (isBatch) for (const event of batch) this.#given.push(String(event.tsNs));
    else if (values === undefined) this.#given.push(String((value as { tsNs: unknown }).tsNs));
    else this.#given.push(markOf(value));
    const settled = this.#writer.write(isBatch ? batch : value);
    if (!samples.end()) this.#broken.push('SI4: write changed the memory of its batch');
    return settled ?? undefined;
  }

  #look(): void {
    const now = this.#writer.acknowledged + this.#writer.failed;
    const given = this.#given.length;
    if (now < this.#accounted) {
      this.#broken.push(`SI2: acknowledged and failed went from ${this.#accounted} to ${now}`);
    }
    if (now > given) this.#broken.push(`SI2: ${now} accounted for, but only ${given} given`);
    this.#accounted = now;
  }

  #balance(rule: string, step: string): void {
    const { acknowledged, failed } = this.#writer;
    const given = this.#given.length;
    if (acknowledged + failed === given) return;
    this.#broken.push(
      `${rule}: after ${step} acknowledged ${acknowledged} + failed ${failed}, but ${given} given`,
    );
  }

  async #compare(step: string, found: readonly unknown[] | undefined): Promise<void> {
    if (found === undefined) return;
    const marks = found.map(markOf);
    if (isDeepStrictEqual(marks, this.#given)) return;
    const at = this.#given.findIndex((mark, index) => !isDeepStrictEqual(mark, marks[index]));
    const where = at < 0 ? `${marks.length - this.#given.length} more` : `other from item ${at} on`;
    this.#broken.push(
      `SI10: after ${step} ${marks.length} items lie there, ${this.#given.length} were given: ${where}`,
    );
  }
}

/** Numbers are compared as text: a destination may give a time back as any of the three. */
function markOf(item: unknown): unknown {
  return typeof item === 'bigint' || typeof item === 'number' ? String(item) : item;
}
