/*
 * One lane's spool: what it was given, where that is, and who moves it. In the lane's thread; `spool-writer.ts` is the sink's face of it. States and invariants: layout.ts.
 *
 *   take -> kept (copies) -> pump -> inner end            direct
 *             `-> log (segments) -> feed -> pump -> inner end    spilling
 *
 *   pump     gives the inner end what is due, in order; opens it anew after it has failed
 *   tick     while something is not acknowledged: looks how far the inner end has come, and whether it lags
 *   commit   puts on the disk what was appended
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

import { isBatch, type SinkContext } from '@sockflow/core';

import { warnOf } from '../file/warn-of.ts';
import { Backoff } from './backoff.ts';
import { errorText } from './error-text.ts';
import type { InnerEnd, Progress } from './inner-end.ts';
import { isPassing } from './is-passing.ts';
import { inputOf, type KeptInput, KeptInputs } from './kept-inputs.ts';
import { SegmentFeed } from './segment-feed.ts';
import { Spill } from './spill.ts';
import type { SpoolLog } from './spool-log.ts';
import type { LaneSpoolSettings } from './spool-options.ts';
import { StopSignal } from './stop-signal.ts';

const TICK_MS = 20;
const MAX_TURN_MS = 5;
const MIN_LAG_MS = 200;
/** A sink that acknowledges nothing for so long is asked to flush. */
const ASK_AFTER_MS = 500;
/** A broker that has just come back may not know its topics yet. */
const REFUSAL_GRACE_MS = 10_000;

/** Who is told when something of interest has changed. */
export interface LaneSpoolParts {
  readonly sinkName: string;
  readonly settings: LaneSpoolSettings;
  readonly log: SpoolLog;
  readonly inner: InnerEnd;
  readonly context: SinkContext;
}

/** See the head of this file. */
export class LaneSpool {
  readonly #parts: LaneSpoolParts;
  readonly #kept: KeptInputs;
  readonly #feed: SegmentFeed;
  readonly #stop: StopSignal;
  readonly #spill: Spill;
  /** Items and events that were taken. */
  #tail: Progress;
  /** Items that the inner end has, and their events of this run. */
  #given: Progress;
  #acked: Progress;
  #isPumping: boolean;
  #isOutage: boolean;
  #tickTimer: NodeJS.Timeout | undefined;
  #heldSinceMs: number;
  #progressAtMs: number;
  #waiters: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[];
  #failure: { readonly error: unknown } | undefined;

  constructor(parts: LaneSpoolParts) {
    const start = { item: parts.log.end, events: 0 };
    const beginning = { item: 0, events: 0 };
    this.#parts = parts;
    this.#kept = new KeptInputs();
    this.#feed = new SegmentFeed();
    this.#stop = new StopSignal();
    this.#spill = new Spill({
      ...parts,
      kept: this.#kept,
      stop: this.#stop,
      onProgress: () => this.#settleWaiters(),
      onFailure: (error) => this.fail(error),
    });
    this.#tail = start;
    this.#given = beginning;
    this.#acked = beginning;
    this.#isPumping = false;
    this.#isOutage = false;
    this.#tickTimer = undefined;
    this.#heldSinceMs = 0;
    this.#progressAtMs = performance.now();
    this.#waiters = [];
    this.#failure = undefined;
  }

  /** Q3: events of this run that are acknowledged. */
  get durableEvents(): number {
    this.#look();
    return Math.max(this.#acked.events, this.#parts.log.synced.events);
  }

  get spooled(): number {
    return this.#spill.events;
  }

  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Whether the inner sink has acknowledged everything, what earlier runs left too. */
  get isDelivered(): boolean {
    this.#look();
    return this.#acked.item >= this.#tail.item;
  }

  /** So far it has come with that. */
  get deliveredItems(): number {
    return this.#acked.item;
  }

  get isDurable(): boolean {
    this.#look();
    return Math.max(this.#acked.item, this.#parts.log.synced.item) >= this.#tail.item;
  }

  /** Whether it has gone to disk since its sink failed, or did not keep up. */
  get isOutage(): boolean {
    return this.#isOutage;
  }

  /** For the summary. */
  warnings(): string[] {
    const told: string[] = [];
    const { directory } = this.#parts.settings;
    const { fullTimes } = this.#spill;
    if (fullTimes > 0) {
      const times = fullTimes === 1 ? 'once' : `${fullTimes} times`;
      told.push(
        `ERR_SOCKFLOW_SPOOL_FULL: the spool in ${directory} was full ${times}, and held its lane back`,
      );
    }
    return told;
  }

  /** Begins to open the inner sink, and to give it what earlier runs left. */
  begin(): void {
    if (!this.#parts.log.isEmpty) this.#startTicking();
    this.#wake();
  }

  /** Takes an input. @returns what its lane waits for; @throws where it is refused, which leaves it out */
  take(input: unknown): Promise<void> | undefined {
    const events = isBatch(input) ? input.size : 1;
    if (events === 0 && isBatch(input) && input.raw.markerCount === 0) return undefined;
    const kept = this.#kept.push(input, this.#tail.item, this.#tail.events);
    if (this.#isDirect(kept)) this.#giveNow(kept, input);
    this.#tail = { item: kept.end, events: kept.eventsBefore + events };
    this.#startTicking();
    this.#spill.place();
    this.#wake();
    return this.#hold();
  }

  #isDirect(kept: KeptInput): boolean {
    const { inner } = this.#parts;
    return (
      !this.#spill.isOn &&
      !this.#isPumping &&
      inner.isOpen &&
      !inner.isBusy &&
      this.#given.item === kept.start
    );
  }

  /** All goes to disk from now on, what is kept first. */
  spill(): void {
    this.#spill.begin();
  }

  /** Has the inner end say what it has, where it is not asked already. */
  async relieve(): Promise<void> {
    const { inner } = this.#parts;
    if (!inner.isOpen || inner.isBusy || this.#isPumping) return;
    try {
      this.#came(await this.#stop.race(inner.flush()));
    } catch (error) {
      await this.#innerFailed(error);
    }
    this.#wake();
  }

  /** Puts what went to disk on it. */
  commit(): Promise<void> {
    return this.#spill.commit();
  }

  /** Ends everything that goes on by itself. */
  stop(): void {
    this.#stop.stop();
    clearInterval(this.#tickTimer);
    this.#tickTimer = undefined;
    this.#feed.close();
  }

  /** The last word: what is kept goes to disk, in so far as there is room. */
  async leave(): Promise<void> {
    this.#look();
    this.#kept.dropBefore(this.#acked.item);
    await this.#spill.leave();
    this.#parts.log.release(this.#acked.item);
  }

  /** Fails the lane: whoever waits is told, whoever comes too. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#settleWaiters();
  }

  #giveNow(kept: KeptInput, input: unknown): void {
    const upTo = { item: kept.end, events: kept.eventsBefore + kept.events };
    if (this.#given.item === this.#acked.item) this.#progressAtMs = performance.now();
    let settled: Promise<void> | undefined;
    try {
      settled = this.#parts.inner.give(input, upTo);
    } catch (error) {
      if (this.#isRefusal(error)) {
        // Who gives it is told, and it is nowhere else.
        this.#kept.dropLast();
        this.fail(error);
        throw error;
      }
      void this.#innerFailed(error).then(() => this.#wake());
      return;
    }
    this.#given = upTo;
    if (settled !== undefined) this.#wake(settled);
  }

  #wake(first?: Promise<void>): void {
    if (this.#isPumping || this.#stop.isStopped || this.#failure !== undefined) {
      first?.catch(() => {});
      return;
    }
    if (first === undefined && this.#parts.inner.isOpen && !this.#hasDue()) return;
    this.#isPumping = true;
    void this.#pump(first).catch((error: unknown) => {
      this.#isPumping = false;
      this.fail(error);
    });
  }

  #hasDue(): boolean {
    return this.#given.item < this.#tail.item;
  }

  async #pump(first: Promise<void> | undefined): Promise<void> {
    await this.#settled(first);
    let turnMs = performance.now();
    while (!this.#stop.isStopped && this.#failure === undefined) {
      const { inner } = this.#parts;
      if (!inner.isOpen && !(await this.#open())) break;
      if (inner.isBusy) {
        await this.#stop.sleep(TICK_MS / 4);
        continue;
      }
      if (!this.#hasDue()) break;
      await this.#settled(this.#giveNext());
      this.#look();
      if (performance.now() - turnMs < MAX_TURN_MS) continue;
      await nextTurn();
      turnMs = performance.now();
    }
    this.#isPumping = false;
  }

  /** Waits for a write of the inner end; what it fails with is a state. */
  async #settled(settled: Promise<void> | undefined): Promise<void> {
    if (settled === undefined) return;
    try {
      await this.#stop.race(settled);
    } catch (error) {
      await this.#innerFailed(error);
    }
  }

  /** Q2 */
  #giveNext(): Promise<void> | undefined {
    const { log, inner } = this.#parts;
    let segment = log.holding(this.#given.item);
    if (segment !== undefined && log.isCurrent(segment)) {
      // It is whole now, and what comes is kept until the inner end lags again.
      this.#spill.end();
      segment = log.holding(this.#given.item);
    }
    if (this.#given.item === this.#acked.item) this.#progressAtMs = performance.now();
    if (segment === undefined) {
      const kept = this.#kept.holding(this.#given.item);
      if (kept === undefined) return undefined;
      const upTo = { item: kept.end, events: kept.eventsBefore + kept.events };
      return this.#give(inputOf(kept), upTo);
    }
    const chunk = this.#feed.chunkAt(segment, this.#given.item);
    const upTo = {
      item: this.#given.item + chunk.items,
      events: this.#given.events + (segment.isOwn ? chunk.events : 0),
    };
    if (chunk.input === undefined) {
      if (log.markUnreadable(segment, this.#given.item, chunk))
        this.#warn(
          `${segment.path} is damaged: what can be read of it is delivered, and it is kept as NAME.damaged`,
        );
      inner.skip(upTo);
      this.#given = upTo;
      return undefined;
    }
    try {
      return this.#give(chunk.input, upTo);
    } finally {
      chunk.release();
    }
  }

  #give(input: unknown, upTo: Progress): Promise<void> | undefined {
    let settled: Promise<void> | undefined;
    try {
      settled = this.#parts.inner.give(input, upTo);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#given = upTo;
    return settled;
  }

  /** @returns whether it is open; not where the lane has failed or is over */
  async #open(): Promise<boolean> {
    const { inner, sinkName, settings } = this.#parts;
    const backoff = new Backoff();
    let refusedSinceMs: number | undefined;
    while (!this.#stop.isStopped) {
      try {
        await this.#stop.race(inner.open());
        if (inner.isOpen) this.#progressAtMs = performance.now();
        return inner.isOpen;
      } catch (error) {
        if (this.#isRefusal(error)) {
          refusedSinceMs ??= performance.now();
          const isLate = performance.now() - refusedSinceMs > REFUSAL_GRACE_MS;
          if (!this.#isOutage || isLate) {
            this.fail(error);
            return false;
          }
        }
        this.#outage(
          `${sinkName} cannot be opened: ${errorText(error)}; ${this.#meanwhile(settings)}`,
        );
        this.spill();
      }
      await this.#stop.sleep(backoff.next());
    }
    return false;
  }

  /** The inner end is given up, and all that it had is due again. */
  async #innerFailed(error: unknown): Promise<void> {
    if (this.#stop.isStopped) return;
    const { inner, sinkName, settings } = this.#parts;
    this.#look();
    this.#given = this.#acked;
    if (this.#isRefusal(error)) {
      this.fail(error);
      return;
    }
    this.#outage(`${sinkName} has failed: ${errorText(error)}; ${this.#meanwhile(settings)}`);
    this.#feed.close();
    const left = inner.leave();
    this.spill();
    await left;
  }

  #meanwhile({ directory }: LaneSpoolSettings): string {
    return `what it has not acknowledged goes to ${directory} until it takes it again`;
  }

  #isRefusal(error: unknown): boolean {
    return !isPassing(error) || this.#parts.settings.isRefusal(error);
  }

  #outage(text: string): void {
    if (this.#isOutage) return;
    this.#isOutage = true;
    this.#warn(text);
  }

  #look(): void {
    this.#came(this.#parts.inner.look());
  }

  #came(acked: Progress | undefined): void {
    if (acked === undefined) return;
    const { log, sinkName } = this.#parts;
    this.#acked = acked;
    this.#progressAtMs = performance.now();
    this.#kept.dropBefore(acked.item);
    if (this.#spill.isOn && acked.item >= this.#tail.item) this.#spill.end();
    try {
      log.release(acked.item);
    } catch (error) {
      this.#spill.diskFailed(error);
    }
    if (log.isEmpty && !this.#spill.isOn && this.#isOutage) {
      this.#isOutage = false;
      this.#warn(`${sinkName} takes events again: all that was spooled is delivered`);
    }
    this.#settleWaiters();
  }

  #hold(): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (!this.#spill.isBehind) return undefined;
    if (this.#parts.settings.lagAfterMs === 0) this.spill();
    if (!this.#spill.isBehind) return undefined;
    if (this.#waiters.length === 0) this.#heldSinceMs = performance.now();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  #settleWaiters(): void {
    if (this.#waiters.length === 0) return;
    if (this.#failure === undefined && this.#spill.isBehind) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { resolve, reject } of waiters)
      if (this.#failure === undefined) resolve();
      else reject(this.#failure.error);
  }

  #startTicking(): void {
    if (this.#stop.isStopped) return;
    this.#tickTimer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    this.#look();
    const nowMs = performance.now();
    this.#spill.retry();
    this.#settleWaiters();
    if (this.#failure === undefined) this.#lookForLag(nowMs);
    this.#endWaitOfEnding();
    if (this.#acked.item < this.#tail.item || this.#waiters.length > 0) return;
    clearInterval(this.#tickTimer);
    this.#tickTimer = undefined;
  }

  #lookForLag(nowMs: number): void {
    const { inner, settings } = this.#parts;
    const lagMs = Math.max(settings.lagAfterMs, MIN_LAG_MS);
    const quietMs = nowMs - this.#progressAtMs;
    const hasGiven = this.#acked.item < this.#given.item;
    // It may say what it has only when it is asked.
    const isAsked =
      quietMs > Math.min(lagMs / 2, ASK_AFTER_MS) || (this.#waiters.length > 0 && !this.#hasDue());
    if (inner.isOpen && hasGiven && isAsked) void this.relieve();
    if (this.#spill.isOn || this.#kept.isEmpty) return;
    const isHeldLong = this.#waiters.length > 0 && nowMs - this.#heldSinceMs > settings.lagAfterMs;
    if (quietMs > lagMs || isHeldLong) this.#lags();
  }

  #lags(): void {
    const { sinkName, settings } = this.#parts;
    this.#outage(`${sinkName} does not keep up; ${this.#meanwhile(settings)}`);
    this.spill();
  }

  /** A run that is to end waits for no room: what has no place is not acknowledged, and says so at the end. */
  #endWaitOfEnding(): void {
    const { fullError } = this.#spill;
    if (this.#waiters.length === 0 || fullError === undefined) return;
    if (this.#parts.context.isEnding?.() === true) this.fail(fullError);
  }

  #warn(text: string): void {
    warnOf(this.#parts.context, text);
  }
}
