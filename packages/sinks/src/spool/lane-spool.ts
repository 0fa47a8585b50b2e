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

import { isBatch } from '@sockflow/core';

import { warnOf } from '../file/warn-of.ts';
import { DueInputs } from './due-inputs.ts';
import { errorText } from './error-text.ts';
import type { Progress } from './inner-end.ts';
import { isPassing } from './is-passing.ts';
import { type KeptInput, KeptInputs } from './kept-inputs.ts';
import { isAskDue, isLagging } from './lag.ts';
import type { LaneSpoolParts } from './lane-spool-parts.ts';
import { openInner } from './open-inner.ts';
import { Outage } from './outage.ts';
import { SegmentFeed } from './segment-feed.ts';
import { Spill } from './spill.ts';
import { StopSignal } from './stop-signal.ts';
import { WaitingTakers } from './waiting-takers.ts';

const TICK_MS = 20;
const MAX_TURN_MS = 5;

/** See the head of this file. */
export class LaneSpool {
  readonly #parts: LaneSpoolParts;
  readonly #kept: KeptInputs;
  readonly #feed: SegmentFeed;
  readonly #stop: StopSignal;
  readonly #spill: Spill;
  readonly #due: DueInputs;
  readonly #outage: Outage;
  readonly #waiting: WaitingTakers;
  /** Items and events that were taken. */
  #tail: Progress;
  /** Items that the inner end has, and their events of this run. */
  #given: Progress;
  #acked: Progress;
  #isPumping: boolean;
  #tickTimer: NodeJS.Timeout | undefined;
  #progressAtMs: number;
  #failure: { readonly error: unknown } | undefined;

  constructor(parts: LaneSpoolParts) {
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
    const warn = (text: string): void => warnOf(parts.context, text);
    const places = { log: parts.log, kept: this.#kept, feed: this.#feed, spill: this.#spill };
    this.#due = new DueInputs({ ...places, warn });
    this.#outage = new Outage(parts.sinkName, parts.settings.directory, warn);
    this.#waiting = new WaitingTakers();
    this.#tail = { item: parts.log.end, events: 0 };
    this.#given = beginning;
    this.#acked = beginning;
    this.#isPumping = false;
    this.#tickTimer = undefined;
    this.#progressAtMs = performance.now();
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
    return this.#outage.isOn;
  }

  /** For the summary. */
  warnings(): string[] {
    return this.#spill.warnings();
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
    const due = this.#due.next(this.#given);
    if (this.#given.item === this.#acked.item) this.#progressAtMs = performance.now();
    if (due === undefined) return undefined;
    if (due.isLost) {
      this.#parts.inner.skip(due.upTo);
      this.#given = due.upTo;
      return undefined;
    }
    try {
      return this.#give(due.input, due.upTo);
    } finally {
      due.release();
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
    try {
      const isOpen = await openInner({
        inner: this.#parts.inner,
        stop: this.#stop,
        outage: this.#outage,
        isRefusal: (error) => this.#isRefusal(error),
        onAttempt: () => this.spill(),
      });
      if (isOpen) this.#progressAtMs = performance.now();
      return isOpen;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  /** The inner end is given up, and all that it had is due again. */
  async #innerFailed(error: unknown): Promise<void> {
    if (this.#stop.isStopped) return;
    const { inner } = this.#parts;
    this.#look();
    this.#given = this.#acked;
    if (this.#isRefusal(error)) {
      this.fail(error);
      return;
    }
    this.#outage.begin(`has failed: ${errorText(error)}`);
    this.#feed.close();
    const left = inner.leave();
    this.spill();
    await left;
  }

  #isRefusal(error: unknown): boolean {
    return !isPassing(error) || this.#parts.settings.isRefusal(error);
  }

  #look(): void {
    this.#came(this.#parts.inner.look());
  }

  #came(acked: Progress | undefined): void {
    if (acked === undefined) return;
    const { log } = this.#parts;
    this.#acked = acked;
    this.#progressAtMs = performance.now();
    this.#kept.dropBefore(acked.item);
    if (this.#spill.isOn && acked.item >= this.#tail.item) this.#spill.end();
    try {
      log.release(acked.item);
    } catch (error) {
      this.#spill.diskFailed(error);
    }
    if (log.isEmpty && !this.#spill.isOn) this.#outage.end();
    this.#settleWaiters();
  }

  #hold(): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (!this.#spill.isBehind) return undefined;
    if (this.#parts.settings.lagAfterMs === 0) this.spill();
    if (!this.#spill.isBehind) return undefined;
    return this.#waiting.wait();
  }

  #settleWaiters(): void {
    if (this.#waiting.isEmpty) return;
    if (this.#failure === undefined && this.#spill.isBehind) return;
    this.#waiting.settle(this.#failure);
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
    if (this.#acked.item < this.#tail.item || !this.#waiting.isEmpty) return;
    clearInterval(this.#tickTimer);
    this.#tickTimer = undefined;
  }

  #lookForLag(nowMs: number): void {
    const view = {
      quietMs: nowMs - this.#progressAtMs,
      waitedMs: this.#waiting.isEmpty ? undefined : this.#waiting.waitedMs(nowMs),
      hasDue: this.#hasDue(),
      lagAfterMs: this.#parts.settings.lagAfterMs,
    };
    const hasGiven = this.#acked.item < this.#given.item;
    if (this.#parts.inner.isOpen && hasGiven && isAskDue(view)) void this.relieve();
    if (this.#spill.isOn || this.#kept.isEmpty || !isLagging(view)) return;
    this.#outage.begin('does not keep up');
    this.spill();
  }

  /** A run that is to end waits for no room: what has no place is not acknowledged, and says so at the end. */
  #endWaitOfEnding(): void {
    const { fullError } = this.#spill;
    if (this.#waiting.isEmpty || fullError === undefined) return;
    if (this.#parts.context.isEnding?.() === true) this.fail(fullError);
  }
}
