import type { MessagePort } from 'node:worker_threads';

import type { AckLog } from './ack-log.ts';
import type { MergeRun } from './chain.ts';
import type { MergeOrigin } from './merge-origin.ts';
import type { OrderedMerge } from './ordered-merge.ts';
import {
  type CollectorMessage,
  type LaneMessage,
  MAX_LIMIT_FACTOR,
  RUN_FIELDS,
} from './protocol.ts';

/** What the collector knows of one lane, and owes it. */
export class CollectedLane {
  readonly lane: number;
  readonly #port: MessagePort;
  readonly #merge: OrderedMerge;
  readonly #acks: AckLog;
  readonly #maxLimitBytes: number;
  readonly #blocks: Uint32Array[];
  readonly #origins: MergeOrigin[];
  /** By block: words to give back. */
  #freed: Map<number, number>;
  #limitBytes: number;
  /** What it has sent and was not given back (O4). */
  #outBytes: number;
  #toldAcknowledged: number;
  #isTold: boolean;
  /** Since when its source has had nothing and it has said nothing, ms. */
  idleSinceMs: number | undefined;
  /** Flushes that were not answered. */
  flushes: number[];
  end: { readonly isComplete: boolean } | undefined;
  isAnswered: boolean;

  constructor(
    lane: number,
    port: MessagePort,
    merge: OrderedMerge,
    acks: AckLog,
    limitBytes: number,
  ) {
    this.lane = lane;
    this.#port = port;
    this.#merge = merge;
    this.#acks = acks;
    this.#maxLimitBytes = limitBytes * MAX_LIMIT_FACTOR;
    this.#blocks = [];
    this.#origins = [];
    this.#freed = new Map();
    this.#limitBytes = limitBytes;
    this.#outBytes = 0;
    this.#toldAcknowledged = 0;
    this.#isTold = true;
    this.idleSinceMs = undefined;
    this.flushes = [];
    this.end = undefined;
    this.isAnswered = false;
  }

  /** Whether anything of it is left that was not written. */
  get isWritten(): boolean {
    return this.#outBytes === 0;
  }

  /** Whether it is held back by its limit. */
  get isHeldBack(): boolean {
    return this.#outBytes > this.#limitBytes;
  }

  /** It has sent something. */
  receive(message: LaneMessage, nowMs: number): void {
    for (const origin of message.origins) this.#origins.push(this.#merge.originOf(origin));
    for (const block of message.blocks) this.#blocks.push(new Uint32Array(block));
    const { runs, times, flush, end, isIdle } = message;
    const saysSomething = runs.length > 0 || times.length > 0;
    if (saysSomething || !isIdle) this.idleSinceMs = undefined;
    if (isIdle) this.idleSinceMs ??= nowMs;
    if (saysSomething) this.#merge.setCounting(this.lane, true);
    for (let at = 0; at < runs.length; at += RUN_FIELDS) this.#addRun(runs, at);
    for (let at = 0; at < times.length; at += 2) {
      const origin = this.#origins[times[at]!] as MergeOrigin;
      this.#merge.setTime(this.lane, origin, times[at + 1]!);
    }
    if (flush !== undefined) this.flushes.push(flush);
    this.end ??= end;
    // What it has given is all that there is of it until it gives more: nobody waits for it (O5).
    if (flush !== undefined || this.end !== undefined) this.#merge.setCounting(this.lane, false);
  }

  /** Its thread has ended without a word, or its writer was not opened. */
  lose(): void {
    this.end ??= { isComplete: false };
    this.isAnswered = true;
    this.#merge.setCounting(this.lane, false);
  }

  /** All of a run was written: its memory is the lane's again. */
  free({ block, startWord, endWord, acks }: MergeRun): void {
    acks.isTaken = true;
    const words = endWord - startWord;
    this.#freed.set(block, (this.#freed.get(block) ?? 0) + words);
    this.#outBytes -= words * 4;
  }

  /** Lets a lane that is held back go on (O6). @returns whether it may have more */
  raiseLimit(): boolean {
    const wantedBytes = this.#outBytes * 2;
    if (this.#limitBytes >= this.#maxLimitBytes) return false;
    this.#limitBytes = Math.min(this.#maxLimitBytes, wantedBytes);
    this.#isTold = false;
    return !this.isHeldBack;
  }

  /** Sends what the lane is to know, where there is something new. */
  tell(acknowledged: number, more: Partial<CollectorMessage> = {}): void {
    const isNews =
      this.#freed.size > 0 ||
      !this.#isTold ||
      acknowledged !== this.#toldAcknowledged ||
      Object.keys(more).length > 0;
    if (!isNews) return;
    const freed = [...this.#freed].flat();
    this.#freed = new Map();
    this.#isTold = true;
    this.#toldAcknowledged = acknowledged;
    this.#port.postMessage({ freed, acknowledged, limitBytes: this.#limitBytes, ...more });
  }

  #addRun(runs: readonly number[], at: number): void {
    const [block, origin, startWord, lastWord, endWord] = [
      runs[at]!,
      runs[at + 1]!,
      runs[at + 2]!,
      runs[at + 3]!,
      runs[at + 4]!,
    ];
    const words = this.#blocks[block] as Uint32Array;
    this.#outBytes += (endWord - startWord) * 4;
    const acks = { lane: this.lane, taken: 0, isTaken: false, acknowledged: 0 };
    this.#acks.sent(acks);
    (this.#origins[origin] as MergeOrigin).add({
      lane: this.lane,
      block,
      words,
      startWord,
      lastWord,
      endWord,
      acks,
    });
  }
}
