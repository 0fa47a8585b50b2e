/*
 * The way of a lane's inputs from memory to disk: what is kept, the log it is appended to, and whether there is room. In the lane's thread; LaneSpool decides when.
 *
 *   kept -> place -> log (in the writer's memory) -> in the file, copies dropped -> commit -> on the disk
 */
import { isSockflowError, type SinkContext } from '@sockflow/core';

import { warnOf } from '../file/warn-of.ts';
import type { KeptInputs } from './kept-inputs.ts';
import { isNoRoom, spoolFull, spoolIoError } from './spool-errors.ts';
import type { SpoolLog } from './spool-log.ts';
import type { LaneSpoolSettings } from './spool-options.ts';
import type { StopSignal } from './stop-signal.ts';

const MAX_UNSYNCED_BYTES = 16 * 1024 * 1024;
const FULL_RETRY_MS = 250;

/** What a spill works with, and whom it tells. */
export interface SpillParts {
  readonly sinkName: string;
  readonly settings: LaneSpoolSettings;
  readonly log: SpoolLog;
  readonly kept: KeptInputs;
  readonly stop: StopSignal;
  readonly context: SinkContext;
  /** Something is on the disk now, or there is room again. */
  readonly onProgress: () => void;
  /** The disk has failed, or is full where that ends the run. */
  readonly onFailure: (error: unknown) => void;
}

/** See the head of this file. */
export class Spill {
  readonly #parts: SpillParts;
  #isOn: boolean;
  /** Events that went to disk, and up to which item they are counted. */
  #events: number;
  #countedTo: number;
  #appendedBytes: number;
  #committedBytes: number;
  #isCommitting: boolean;
  #timer: NodeJS.Timeout | undefined;
  #full: { readonly error: unknown; readonly atMs: number } | undefined;
  #fullTimes: number;
  #isFullTold: boolean;

  constructor(parts: SpillParts) {
    this.#parts = parts;
    this.#isOn = false;
    this.#events = 0;
    this.#countedTo = parts.log.end;
    this.#appendedBytes = 0;
    this.#committedBytes = 0;
    this.#isCommitting = false;
    this.#timer = undefined;
    this.#full = undefined;
    this.#fullTimes = 0;
    this.#isFullTold = false;
  }

  /** Whether what comes goes to disk. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** Events that went that way. */
  get events(): number {
    return this.#events;
  }

  /** For the summary: how often there was no room. */
  warnings(): string[] {
    if (this.#fullTimes === 0) return [];
    const times = this.#fullTimes === 1 ? 'once' : `${this.#fullTimes} times`;
    return [
      `ERR_SOCKFLOW_SPOOL_FULL: the spool in ${this.#parts.settings.directory} was full ${times}, and held its lane back`,
    ];
  }

  /** While there is no room: the error that says so. */
  get fullError(): unknown {
    return this.#full?.error;
  }

  /** Q8 */
  get isBehind(): boolean {
    const unsyncedBytes = this.#appendedBytes - this.#committedBytes;
    const { kept, settings } = this.#parts;
    return kept.waitingBytes > settings.keepBytes || unsyncedBytes > MAX_UNSYNCED_BYTES;
  }

  /** All goes to disk from now on, what is kept first. */
  begin(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.place();
  }

  /** The segment that is written is whole: it may be read, and what comes is only kept. */
  end(): void {
    this.#seal();
    this.dropWritten();
    this.#commitSoon();
    this.#isOn = false;
  }

  /** Appends what is kept to the segment that is written, as far as there is room. */
  place(): void {
    const { log, kept, settings } = this.#parts;
    if (!this.#isOn || this.#full !== undefined) return;
    let hasPlaced = false;
    for (let next = kept.firstWaiting; next !== undefined; next = kept.firstWaiting) {
      if (!log.hasRoomFor(next.bytes)) {
        const why = `its lane holds ${log.sizeBytes} bytes, ${settings.maxBytes} may be`;
        this.#setFull(why);
        break;
      }
      try {
        log.append(next);
      } catch (error) {
        this.diskFailed(error);
        break;
      }
      hasPlaced = true;
      kept.appended();
      this.#appendedBytes += next.bytes;
      if (next.end > this.#countedTo) this.#events += next.events;
      this.#countedTo = Math.max(this.#countedTo, next.end);
    }
    if (hasPlaced && this.#full === undefined) this.#hasRoomAgain();
    this.dropWritten();
    this.#commitSoon();
  }

  /** Where there was no room: tries again, not too often. */
  retry(): void {
    if (this.#full === undefined || performance.now() - this.#full.atMs < FULL_RETRY_MS) return;
    this.#full = undefined;
    this.place();
  }

  /** What is in files needs no copy. */
  dropWritten(): void {
    const { log, kept } = this.#parts;
    if (log.written !== undefined) kept.dropBefore(log.written);
  }

  /** Puts what was appended on the disk; what the disk says of it is a state, or a failure of the lane. */
  async commit(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isCommitting) return;
    this.#isCommitting = true;
    const appendedBytes = this.#appendedBytes;
    await this.#commitNow();
    this.#committedBytes = Math.max(appendedBytes, this.#committedBytes);
    this.#isCommitting = false;
    this.#commitSoon();
    this.#parts.onProgress();
  }

  /** The last word: what is kept goes to disk, as far as there is room. */
  async leave(): Promise<void> {
    clearTimeout(this.#timer);
    this.#full = undefined;
    this.#isOn = true;
    this.place();
    this.#seal();
    await this.#commitNow();
  }

  /** The segment that is written is left as far as it is in its file; the rest waits for another one. */
  diskFailed(error: unknown): void {
    const { log, kept, settings } = this.#parts;
    log.giveUp();
    this.dropWritten();
    kept.appendAgain();
    this.#committedBytes = this.#appendedBytes;
    if (isNoRoom(error)) {
      const why = error instanceof Error ? error.message : String(error);
      this.#setFull(`its disk has no room: ${why}`, error);
      return;
    }
    const isOurs = isSockflowError(error) && error.code.includes('_SPOOL_');
    this.#parts.onFailure(isOurs ? error : spoolIoError(settings.directory, 'written', error));
  }

  #seal(): void {
    try {
      this.#parts.log.seal();
    } catch (error) {
      this.diskFailed(error);
    }
  }

  async #commitNow(): Promise<void> {
    try {
      await this.#parts.log.commit();
      this.dropWritten();
    } catch (error) {
      this.diskFailed(error);
    }
  }

  #commitSoon(): void {
    const { stop, log, settings } = this.#parts;
    if (stop.isStopped || log.isSynced || this.#full !== undefined) return;
    this.#timer ??= setTimeout(() => void this.commit(), settings.syncAfterMs);
  }

  #setFull(why: string, cause?: unknown): void {
    const { settings, sinkName, context } = this.#parts;
    const error = spoolFull(settings.directory, sinkName, why, cause);
    this.#full = { error, atMs: performance.now() };
    if (settings.onFull === 'fail') {
      this.#parts.onFailure(error);
      return;
    }
    if (this.#isFullTold) return;
    this.#isFullTold = true;
    this.#fullTimes++;
    warnOf(
      context,
      `${error.code}: ${error.message}; its lane waits until there is room, nothing that was acknowledged is lost`,
    );
  }

  #hasRoomAgain(): void {
    if (!this.#isFullTold) return;
    this.#isFullTold = false;
    const { settings, context } = this.#parts;
    warnOf(context, `the spool in ${settings.directory} has room again`);
    this.#parts.onProgress();
  }
}
