import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { BroadcastChannel } from 'node:worker_threads';

import {
  type Batch,
  Kind,
  type LaneSource,
  type SlotSpan,
  type Source,
  SOURCE_END,
  SOURCE_IDLE,
} from '@sockflow/core';

import { IS_READING, type LatencyFound, type LatencyJob, PERCENTILES } from './latency-job.ts';

const KIND_WORD = 2;
const LOW_TIME_WORD = 4;
const HIGH_TIME_WORD = 5;
/** HDR: three figures, up to a minute. */
const HISTOGRAM = { lowest: 1, highest: 60e9, figures: 3 };

/** Events that came one after another, each an interval after the one before it. */
interface Run {
  /** Time when the first was to come; 0 where there is none. */
  readonly firstNs: number;
  readonly events: number;
  /** Of all events. */
  readonly firstIndex: number;
}

/**
 * Takes the age of each event by the time when it was *to come*, which its slot carries: a producer, a ring or a lane that was held up makes all events old that were due meanwhile, not only the one
 * that it met (coordinated omission). Twice: where its batch is delivered, and where the source is told that the sink has accepted it.
 *
 * Node's histogram is HdrHistogram_c; a record takes some 15 ns.
 */
export class LatencyWatch {
  readonly #job: LatencyJob;
  readonly #spans: Run[] = [];
  #next: RecordableHistogram | undefined;
  #acknowledged: RecordableHistogram | undefined;
  #acknowledgedSpans = 0;
  #given = 0;
  #channel: BroadcastChannel | undefined;

  constructor(job: LatencyJob) {
    this.#job = job;
  }

  /** The source, asked to say what was acknowledged. */
  source(inner: Source): Source {
    const { reportedKinds } = inner;
    return {
      name: inner.name,
      reportedOps: inner.reportedOps,
      ...(reportedKinds === undefined ? {} : { reportedKinds }),
      isLive: true,
      describePushDown: () => undefined,
      open: (context) => inner.open(context),
      openLane: async (context) => this.#lane(await inner.openLane(context)),
    };
  }

  /** At the start of a batch's `next`. */
  delivered(batch: Batch): void {
    const nowNs = this.#nowNs();
    const { memory, words, size } = batch.raw;
    if (size === 0) return;
    const firstNs = timeAt(memory.u32, words[0] as number);
    if (firstNs === 0) return;
    const index = this.#given - size;
    this.#record(this.#next, { firstNs, events: size, firstIndex: index }, nowNs);
  }

  #lane(inner: LaneSource): LaneSource {
    this.#next = createHistogram(HISTOGRAM);
    this.#acknowledged = createHistogram(HISTOGRAM);
    this.#channel = new BroadcastChannel(this.#job.channel);
    let isReading = false;
    return {
      next: (walkedToWord) => {
        const span = inner.next(walkedToWord);
        if (span === SOURCE_IDLE || span === SOURCE_END) return span;
        if (!isReading) this.#channel?.postMessage(IS_READING);
        isReading = true;
        this.#spans.push(this.#runOf(span));
        return span;
      },
      wait: (timeoutMs) => inner.wait(timeoutMs),
      acknowledge: (spans) => this.#acknowledge(spans),
      close: async () => {
        this.#tell();
        await inner.close();
      },
    };
  }

  #runOf({ memory: { u32 }, startWord, endWord }: SlotSpan): Run {
    let firstNs = 0;
    let lastNs = 0;
    let events = 0;
    for (let word = startWord; word < endWord; word += ((u32[word] as number) + 8) >>> 2) {
      if (((u32[word + KIND_WORD] as number) & 0xff) !== Kind.OP) continue;
      lastNs = timeAt(u32, word);
      if (lastNs === 0) continue;
      if (events++ === 0) firstNs = lastNs;
    }
    if (events > 1 && lastNs !== firstNs + (events - 1) * this.#job.intervalNs)
      throw new Error('ring/latency: slots are not an interval apart');
    const firstIndex = this.#given;
    this.#given += events;
    return { firstNs, events, firstIndex };
  }

  #acknowledge(spans: number): void {
    const nowNs = this.#nowNs();
    while (this.#acknowledgedSpans < spans) {
      this.#acknowledgedSpans++;
      const run = this.#spans.shift();
      if (run !== undefined) this.#record(this.#acknowledged, run, nowNs);
    }
  }

  #record(into: RecordableHistogram | undefined, run: Run, nowNs: number): void {
    const { intervalNs, warmEvents } = this.#job;
    const { firstNs, events, firstIndex } = run;
    for (let at = Math.max(0, warmEvents - firstIndex); at < events; at++) {
      const ageNs = Math.round(nowNs - (firstNs + at * intervalNs));
      if (ageNs <= 0) throw new Error(`ring/latency: an event came ${-ageNs} ns before its time`);
      into?.record(ageNs);
    }
  }

  #nowNs(): number {
    return Number(process.hrtime.bigint()) + this.#job.aheadNs;
  }

  #tell(): void {
    const [next, acknowledged] = [this.#next, this.#acknowledged];
    if (next === undefined || acknowledged === undefined) return;
    if (next.count !== acknowledged.count)
      throw new Error(
        `ring/latency: ${next.count} delivered, ${acknowledged.count} acknowledged in the end`,
      );
    const found: LatencyFound = {
      events: this.#given,
      counted: next.count,
      nextUs: percentilesUs(next),
      acknowledgedUs: percentilesUs(acknowledged),
    };
    this.#channel?.postMessage(found);
    this.#channel?.close();
  }
}

/** Exact up to 2^53 ns. */
function timeAt(u32: Uint32Array, word: number): number {
  return (u32[word + HIGH_TIME_WORD] as number) * 2 ** 32 + (u32[word + LOW_TIME_WORD] as number);
}

function percentilesUs(histogram: RecordableHistogram): readonly number[] {
  return PERCENTILES.map((percentile) => histogram.percentile(percentile) / 1000);
}
