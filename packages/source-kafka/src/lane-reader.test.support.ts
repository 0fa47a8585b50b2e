import { setImmediate as turn } from 'node:timers/promises';

import {
  type LaneCounter,
  type LaneSource,
  type OpenSource,
  type Source,
  type SlotSpan,
  SOURCE_END,
  SOURCE_IDLE,
  walkSlots,
} from '@sockflow/core';

/** One lane of a source, driven by a test in its own thread as a lane does it. */
export class LaneReader {
  readonly end: LaneSource;
  /** Bytes of the events given, behind their ring headers, in base64. */
  readonly events: string[] = [];
  /** Events in each span. */
  readonly spanEvents: number[] = [];
  readonly spans: Omit<SlotSpan, 'memory'>[] = [];
  readonly counts: Partial<Record<LaneCounter, number>>;
  hasEnded = false;
  error: unknown;
  #isPaused = false;
  #isStopped = false;
  #acknowledgesAtOnce = true;
  #running: Promise<void> | undefined;

  private constructor(end: LaneSource, counts: Partial<Record<LaneCounter, number>>) {
    this.end = end;
    this.counts = counts;
  }

  static async open(
    source: Source,
    opened: OpenSource,
    lane: number,
    lanes: number,
  ): Promise<LaneReader> {
    const counts: Partial<Record<LaneCounter, number>> = {};
    const end = await source.openLane({
      lane,
      lanes,
      laneData: structuredClone(opened.laneData(lane)),
      plans: [],
      counters: {
        add: (counter, amount) => (counts[counter] = (counts[counter] ?? 0) + amount),
      },
    });
    return new LaneReader(end, counts);
  }

  /** Reads from now on. */
  start({ acknowledges = true }: { readonly acknowledges?: boolean } = {}): this {
    this.#acknowledgesAtOnce = acknowledges;
    this.#running = this.#run();
    return this;
  }

  get spansGiven(): number {
    return this.spanEvents.length;
  }

  /** As sinks do that have accepted so many spans durably. */
  acknowledge(spans: number = this.spansGiven): void {
    this.end.acknowledge?.(spans);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
  }

  /** Asks for no more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  /** Reads to the end, or to an error. */
  async untilEnd(): Promise<void> {
    await this.#running;
    if (this.error !== undefined) throw this.error;
  }

  /** As a lane that has ended: what was not acknowledged stays so. */
  async close(): Promise<void> {
    await this.stop();
    await this.end.close();
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isStopped) {
        const span = this.#isPaused ? SOURCE_IDLE : this.end.next();
        if (span === SOURCE_END) {
          this.hasEnded = true;
          return;
        }
        if (span === SOURCE_IDLE) await this.end.wait(20);
        else this.#take(span);
        await turn();
      }
    } catch (error) {
      this.error = error;
    }
  }

  #take(span: SlotSpan): void {
    const before = this.events.length;
    walkSlots(span, (word, bytes) => {
      const copy = Buffer.from(span.memory.u8.slice(word * 4 + 8, word * 4 + bytes));
      this.events.push(copy.toString('base64'));
    });
    const { memory: _memory, ...rest } = span;
    this.spans.push(rest);
    this.spanEvents.push(this.events.length - before);
    if (this.#acknowledgesAtOnce) this.acknowledge();
  }
}

/** Whether each of the lists is in `all` in its order, whatever lies in between. */
export function isInOrder(all: readonly string[], list: readonly string[]): boolean {
  let at = 0;
  for (const item of all) if (item === list[at]) at++;
  return at === list.length;
}
