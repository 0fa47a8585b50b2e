import {
  isBatch,
  type Sink,
  type SinkContext,
  type SinkInput,
  type SinkOutcome,
  type SinkReport,
  type SinkWriter,
} from '@sockflow/core';

import { checkInput } from '../check-input.ts';
import { SinkError } from '../errors.ts';
import { warnOf } from '../file/warn-of.ts';
import { InnerEnd } from './inner-end.ts';
import { LaneLock } from './lane-lock.ts';
import { LaneSpool } from './lane-spool.ts';
import { spoolDamaged } from './spool-errors.ts';
import { SpoolLog } from './spool-log.ts';
import type { LaneSpoolSettings } from './spool-options.ts';

/** So long a lane waits for its sink to be opened before it begins without it, ms. */
const OPEN_WAIT_MS = 2000;
const LOOK_MS = 10;

/** A lane's end of a spooled sink. */
export class SpoolWriter implements SinkWriter {
  readonly #sinkName: string;
  readonly #accepts: SinkInput;
  readonly #settings: LaneSpoolSettings;
  readonly #context: SinkContext;
  readonly #lock: LaneLock;
  readonly #log: SpoolLog;
  readonly #inner: InnerEnd;
  readonly #lane: LaneSpool;
  #given: number;
  #refused: number;
  #closing: Promise<SinkReport> | undefined;
  #isClosed: boolean;

  private constructor(
    sink: Sink,
    settings: LaneSpoolSettings,
    context: SinkContext,
    lock: LaneLock,
    log: SpoolLog,
  ) {
    this.#sinkName = sink.name;
    this.#accepts = sink.accepts;
    this.#settings = settings;
    this.#context = context;
    this.#lock = lock;
    this.#log = log;
    this.#inner = new InnerEnd(sink, context);
    this.#lane = new LaneSpool({
      sinkName: sink.name,
      settings,
      log,
      inner: this.#inner,
      context,
    });
    this.#given = 0;
    this.#refused = 0;
    this.#closing = undefined;
    this.#isClosed = false;
  }

  /** @throws ERR_SOCKFLOW_SPOOL_LOCKED, ERR_SOCKFLOW_SPOOL_IO, and what the sink refuses at once */
  static async open(
    sink: Sink,
    settings: LaneSpoolSettings,
    context: SinkContext,
  ): Promise<SpoolWriter> {
    const lock = LaneLock.take(settings.directory, context.lane);
    try {
      const log = SpoolLog.open(settings, context.lane, context.lanes);
      const writer = new SpoolWriter(sink, settings, context, lock, log);
      writer.#tellOfLeftovers();
      await writer.#begin();
      return writer;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get acknowledged(): number {
    return this.#lane.durableEvents;
  }

  get spooled(): number {
    return this.#lane.spooled;
  }

  /** What is on its way has not failed: only once it is closed is the rest lost. */
  get failed(): number {
    return this.#isClosed ? this.#given - this.acknowledged : this.#refused;
  }

  write(input: unknown): Promise<void> | void {
    this.#throwIfClosed();
    const count = isBatch(input) ? input.size : 1;
    this.#given += count;
    try {
      this.#throwFailure();
      checkInput(this.#sinkName, this.#accepts, isBatch(input));
      return this.#lane.take(input);
    } catch (error) {
      this.#refused += count;
      throw error;
    }
  }

  async flush(): Promise<void> {
    this.#throwIfClosed();
    this.#throwFailure();
    while (!this.#lane.isDurable) {
      if (this.#log.isEmpty) void this.#lane.relieve();
      else {
        this.#lane.spill();
        await this.#lane.commit();
      }
      this.#throwFailure();
      if (!this.#lane.isDurable) await pause(LOOK_MS);
      this.#throwFailure();
    }
  }

  close(outcome: SinkOutcome = { isComplete: true }): Promise<SinkReport> {
    this.#closing ??= this.#close(outcome);
    return this.#closing;
  }

  async #begin(): Promise<void> {
    this.#lane.begin();
    const startMs = performance.now();
    while (
      !this.#inner.isOpen &&
      !this.#lane.isOutage &&
      performance.now() - startMs < OPEN_WAIT_MS
    ) {
      this.#throwFailure();
      await pause(LOOK_MS);
    }
    this.#throwFailure();
  }

  #tellOfLeftovers(): void {
    const { events, segments, tornBytes, folders } = this.#log.leftovers;
    for (const { path } of this.#log.damaged)
      warnOf(
        this.#context,
        `${path} is what is left of a damaged segment: it is kept, and not read`,
      );
    if (segments > 0) {
      const from = folders.join(', ');
      warnOf(
        this.#context,
        `${events} events that an earlier run left in ${from} are delivered to ${this.#sinkName} first`,
      );
    }
    if (tornBytes === 0) return;
    warnOf(
      this.#context,
      `${this.#log.folder}: the last ${tornBytes} bytes of an earlier run are a torn block: left out, and never acknowledged`,
    );
  }

  /** Q9 */
  async #close(outcome: SinkOutcome): Promise<SinkReport> {
    try {
      if (outcome.isComplete && this.#lane.failure === undefined) await this.#drain();
      this.#lane.stop();
      const isDelivered = this.#lane.isDelivered;
      await this.#lane.leave();
      const report = await this.#closeInner({ isComplete: outcome.isComplete && isDelivered });
      if (outcome.isComplete) this.#throwDamage();
      const warnings = [...(report.warnings ?? []), ...this.#warnings()];
      return warnings.length === 0 ? report : { ...report, warnings };
    } finally {
      this.#isClosed = true;
      this.#log.close();
      this.#lock.release();
    }
  }

  /** Waits for the sink as long as it takes something; of a run that is to end, not for all that lies on the disk. */
  async #drain(): Promise<void> {
    const { closeAfterMs } = this.#settings;
    let endMs = performance.now() + closeAfterMs;
    let last = this.#lane.deliveredItems;
    while (!this.#lane.isDelivered && performance.now() < endMs) {
      void this.#lane.relieve();
      if (this.#lane.failure !== undefined) return;
      if (this.#lane.isDelivered) return;
      await pause(LOOK_MS);
      const items = this.#lane.deliveredItems;
      if (items > last && this.#context.isEnding?.() !== true)
        endMs = performance.now() + closeAfterMs;
      last = items;
    }
  }

  async #closeInner(outcome: SinkOutcome): Promise<SinkReport> {
    try {
      return (await this.#inner.close(outcome)) ?? {};
    } catch (error) {
      // What it had not acknowledged is in the spool.
      if (outcome.isComplete) throw error;
      return {};
    }
  }

  #warnings(): string[] {
    const warnings = this.#lane.warnings();
    const left = this.#log.countEvents();
    if (left === 0) return warnings;
    return [
      ...warnings,
      `${left} events for ${this.#sinkName} lie in ${this.#settings.directory}: the next start delivers them`,
    ];
  }

  #throwFailure(): void {
    const { failure } = this.#lane;
    if (failure !== undefined) throw failure.error;
  }

  /** Q4: when all else is done, so that nothing is held up by it. */
  #throwDamage(): void {
    const { damaged } = this.#log;
    if (damaged.length > 0) throw spoolDamaged(this.#settings.directory, this.#sinkName, damaged);
  }

  #throwIfClosed(): void {
    if (this.#closing === undefined) return;
    throw new SinkError(
      'ERR_SOCKFLOW_SINK_CLOSED',
      `spool(${this.#sinkName}) was written to after it was closed`,
      { remedy: 'A sink is closed once, after the last write' },
    );
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
