import { setTimeout as sleep } from 'node:timers/promises';

import type { PaceBoard } from './pace-board.ts';

/** A timer is due at a whole millisecond, and late by up to one: what is left is slept without the event loop. */
const MAX_BLOCK_MS = 2;
/** Shortest sleep: events that come faster are given together, at most so late, and a thread wakes 4000 times a second at most. */
const MIN_SLEEP_MS = 0.25;
const CLOCK_READINGS = 3;

/** The clock of a paced replay in one thread: event time that passes with the speed asked for. */
export class PaceClock {
  readonly #board: PaceBoard;
  readonly #usPerMs: number;
  readonly #sleepWord = new Int32Array(new SharedArrayBuffer(4));
  /** When the first event is due, by this thread's performance.now(). */
  #startMs: number | undefined;

  constructor(board: PaceBoard, speed: number) {
    this.#board = board;
    this.#usPerMs = 1000 * speed;
  }

  /** Starts the replay unless it has; one start for all lanes. */
  start(): void {
    if (this.#startMs !== undefined) return;
    this.#startMs = Number(this.#board.start()) / 1e6 - systemClockAheadMs();
  }

  /** Event time since the start of the replay, us; below 0 before it. */
  nowUs(): number {
    return (performance.now() - (this.#startMs ?? 0)) * this.#usPerMs;
  }

  /**
   * Resolves when `timeUs` has come, or after `timeoutMs`; may resolve early.
   *
   * A timer alone is wrong by a millisecond and more, and turns of the event loop until then would keep a core busy. So the timer ends early, and the rest is a
   * blocking wait, which the system ends within some 60 us and which costs nothing.
   */
  async sleepUntil(timeUs: number, timeoutMs: number): Promise<void> {
    const leftMs = this.#leftMs(timeUs);
    if (leftMs > MAX_BLOCK_MS) await sleep(Math.min(timeoutMs, Math.floor(leftMs - 1)));
    const restMs = this.#leftMs(timeUs);
    if (restMs > MAX_BLOCK_MS) return;
    Atomics.wait(this.#sleepWord, 0, 0, Math.max(MIN_SLEEP_MS, restMs));
  }

  #leftMs(timeUs: number): number {
    return (timeUs - this.nowUs()) / this.#usPerMs;
  }
}

/**
 * How far CLOCK_MONOTONIC is ahead of this thread's performance.now(), which is the same clock since the thread's beginning, ms. The greatest of a few readings, each of which is too
 * small by what passed between its two: so nothing is given early by it.
 */
function systemClockAheadMs(): number {
  let ahead = -Infinity;
  for (let reading = 0; reading < CLOCK_READINGS; reading++) {
    const systemMs = Number(process.hrtime.bigint()) / 1e6;
    ahead = Math.max(ahead, systemMs - performance.now());
  }
  return ahead;
}
