import type { MessagePort } from 'node:worker_threads';

import type { Sink, SinkReport, SinkWriter } from '@sockflow/core';

import { AckLog } from './ack-log.ts';
import { CollectedLane } from './collected-lane.ts';
import { Deferred } from './deferred.ts';
import { OrderedMerge } from './ordered-merge.ts';
import { OutputBatch } from './output-batch.ts';
import type { LaneMessage } from './protocol.ts';

/** How long the thread writes before it takes messages again. */
const MAX_HOLD_MS = 3;
/** How often lanes are told of what the sink acknowledges by itself. */
const TELL_INTERVAL_MS = 100;

/** Settings of {@link Collector}. */
export interface CollectorOptions {
  readonly limitBytes: number;
  readonly idleMs: number;
  /** Told of what the inner sink failed with before the lanes are. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * The one writer of an ordered output: takes what the lanes send, puts it into one order and gives it to the inner sink. Lives in the collector's thread, or in that of the only lane.
 */
export class Collector {
  readonly #sink: Sink;
  readonly #options: CollectorOptions;
  readonly #merge: OrderedMerge;
  readonly #lanes: readonly CollectedLane[];
  readonly #output: OutputBatch;
  readonly #acks: AckLog;
  readonly #allOver: Deferred<void>;
  #writer: SinkWriter | undefined;
  #failure: { readonly error: unknown } | undefined;
  #pumping: Promise<void> | undefined;
  #isPumpWanted: boolean;
  #idleTimer: NodeJS.Timeout | undefined;
  #tellTimer: NodeJS.Timeout | undefined;

  constructor(sink: Sink, ports: readonly MessagePort[], options: CollectorOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#merge = new OrderedMerge(ports.length);
    this.#acks = new AckLog(ports.length);
    this.#lanes = ports.map(
      (port, lane) => new CollectedLane(lane, port, this.#merge, this.#acks, options.limitBytes),
    );
    this.#output = new OutputBatch((run) => this.#lanes[run.lane]?.free(run));
    this.#allOver = new Deferred();
    this.#writer = undefined;
    this.#failure = undefined;
    this.#pumping = undefined;
    this.#isPumpWanted = false;
    this.#idleTimer = undefined;
    this.#tellTimer = undefined;
    for (const [lane, port] of ports.entries()) {
      const own = this.#lanes[lane] as CollectedLane;
      port.on('message', (message: LaneMessage) => {
        own.receive(message, performance.now());
        this.#pump();
      });
      port.on('close', () => {
        own.lose();
        this.#pump();
      });
    }
  }

  /** Opens the inner sink, writes until every lane is over, and closes it. Rejects with what the inner sink failed with. */
  async run(): Promise<SinkReport> {
    try {
      this.#writer = await this.#sink.open({ lane: 0, lanes: 1 });
      this.#tell({ isOpen: true });
    } catch (error) {
      this.#fail(error);
    }
    this.#tellTimer = setInterval(() => this.#tell(), TELL_INTERVAL_MS).unref();
    this.#pump();
    await this.#allOver.promise;
    await this.#pumping;
    clearInterval(this.#tellTimer);
    clearTimeout(this.#idleTimer);
    return this.#close();
  }

  async #close(): Promise<SinkReport> {
    const isComplete =
      this.#failure === undefined && this.#lanes.every(({ end }) => end?.isComplete === true);
    let report: SinkReport | undefined;
    try {
      report = await this.#writer?.close({ isComplete });
    } catch (error) {
      this.#failure ??= { error };
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    return { ...report, ...this.#lateNote() };
  }

  #lateNote(): Pick<SinkReport, 'warnings'> {
    const { late } = this.#output;
    if (late === 0) return {};
    const events = late === 1 ? '1 event stands' : `${late} events stand`;
    return {
      warnings: [
        `${this.#sink.name}: ${events} behind a later one: what operators hold back, or a lane whose time stood still, came too late for its place`,
      ],
    };
  }

  /** Writes what may be written; asked while it writes, it looks again. */
  #pump(): void {
    this.#isPumpWanted = true;
    this.#pumping ??= this.#pumpAll().finally(() => {
      this.#pumping = undefined;
      // A message may have come in between.
      if (this.#isPumpWanted) this.#pump();
      else if (this.#lanes.every(({ isAnswered }) => isAnswered)) this.#allOver.resolve();
    });
  }

  async #pumpAll(): Promise<void> {
    const writer = this.#writer;
    while (this.#isPumpWanted) {
      this.#isPumpWanted = false;
      if (writer !== undefined && this.#failure === undefined) await this.#writeAll(writer);
      if (this.#failure !== undefined) this.#answerFailed();
    }
  }

  async #writeAll(writer: SinkWriter): Promise<void> {
    try {
      await this.#write(writer);
      await this.#answer(writer);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #write(writer: SinkWriter): Promise<void> {
    let startMs = performance.now();
    for (;;) {
      this.#merge.handOut(this.#output);
      const output = this.#output.lend();
      this.#tell();
      if (output === undefined) {
        if (!this.#goOn()) return;
        continue;
      }
      const settled = writer.write(output.batch);
      output.release();
      this.#acks.given(output.runs);
      if (settled !== undefined) await settled;
      if (performance.now() - startMs < MAX_HOLD_MS) continue;
      await new Promise(setImmediate);
      startMs = performance.now();
    }
  }

  /** Nothing may be written: whom that waits for, and what follows (O6, O7). @returns whether something may be written now */
  #goOn(): boolean {
    clearTimeout(this.#idleTimer);
    const wait = this.#merge.wait();
    if (wait === undefined) return false;
    let isAside = false;
    let idleLeftMs = Infinity;
    for (const index of wait.lanes) {
      const lane = this.#lanes[index] as CollectedLane;
      if (lane.isHeldBack) {
        if (!lane.raiseLimit()) isAside = this.#setAside(lane);
        continue;
      }
      if (lane.idleSinceMs === undefined) continue;
      const leftMs = lane.idleSinceMs + this.#options.idleMs - performance.now();
      if (leftMs <= 0) isAside = this.#setAside(lane);
      else idleLeftMs = Math.min(idleLeftMs, leftMs);
    }
    this.#tell();
    if (!isAside && idleLeftMs !== Infinity) {
      this.#idleTimer = setTimeout(() => this.#pump(), Math.ceil(idleLeftMs));
    }
    return isAside;
  }

  #setAside({ lane }: CollectedLane): true {
    this.#merge.setCounting(lane, false);
    return true;
  }

  /** Lanes that have flushed or are at their end are answered once all that they gave is written and as durable as the sink promises. */
  async #answer(writer: SinkWriter): Promise<void> {
    const due = this.#lanes.filter(
      ({ isWritten, flushes, end, isAnswered }) =>
        isWritten && !isAnswered && (flushes.length > 0 || end !== undefined),
    );
    if (due.length === 0) return;
    const asked = due.map((lane) => ({
      lane,
      flushes: lane.flushes,
      isEnd: lane.end !== undefined,
    }));
    for (const { lane } of asked) lane.flushes = [];
    await writer.flush();
    for (const { lane, flushes, isEnd } of asked) {
      for (const flushed of flushes) this.#tellOne(lane, { flushed });
      if (isEnd) this.#end(lane);
    }
    this.#tell();
  }

  #answerFailed(): void {
    for (const lane of this.#lanes) if (lane.end !== undefined && !lane.isAnswered) this.#end(lane);
  }

  #end(lane: CollectedLane): void {
    lane.isAnswered = true;
    this.#tellOne(lane, { isOver: true });
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#options.onFailure?.(error);
    const failure = error instanceof Error ? error.message : String(error);
    this.#tell({ failure });
    this.#answerFailed();
  }

  #tell(more: Parameters<CollectedLane['tell']>[1] = {}): void {
    for (const lane of this.#lanes) this.#tellOne(lane, more);
  }

  #tellOne(lane: CollectedLane, more: Parameters<CollectedLane['tell']>[1]): void {
    if (this.#writer !== undefined) this.#acks.acknowledge(this.#writer.acknowledged);
    lane.tell(this.#acks.of(lane.lane), more);
  }
}
