import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { isSockflowError, type SinkContext } from '@sockflow/core';

import type { FileSettings } from './file-settings.ts';
import { errnoOf } from './io-error.ts';
import { warnOf } from './warn-of.ts';

/** What may go away by itself, or by what somebody does meanwhile. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ENOENT']);
/** So often it is looked whether the run is to end. */
const LOOK_MS = 50;

/** What a {@link Patience} is told of a run. */
export type PatienceContext = Pick<SinkContext, 'warn' | 'isEnding'>;
type PatienceSettings = Pick<FileSettings, 'onError' | 'retryAfterMs' | 'giveUpAfterMs'>;

/**
 * Waits, in one lane, for a file system that refuses to be written: tells it once, tries again until it is well, tells that too, and ends with the error where the run is to end or
 * it has waited for long enough.
 */
export class Patience {
  readonly #settings: PatienceSettings;
  readonly #context: PatienceContext;
  readonly #location: string;
  #waits: number;
  #waitedMs: number;

  constructor(settings: PatienceSettings, context: PatienceContext, location: string) {
    this.#settings = settings;
    this.#context = context;
    this.#location = location;
    this.#waits = 0;
    this.#waitedMs = 0;
  }

  /** Whether anything is waited for at all: then what was not acknowledged has to be kept. */
  get isAsked(): boolean {
    return this.#settings.onError === 'wait';
  }

  /**
   * For the summary.
   *
   * @param leftPaths - parts that were given up
   */
  warnings(leftPaths: readonly string[]): readonly string[] {
    if (this.#waits === 0) return [];
    const times = `${this.#waits} time${this.#waits === 1 ? '' : 's'}`;
    const waited = `${this.#location} waited for its file system ${times}, ${secondsText(this.#waitedMs)} in all`;
    const left = leftPaths.filter((path) => existsSync(path));
    if (left.length === 0) return [waited];
    const lie = left.length === 1 ? 'lies' : 'lie';
    return [
      waited,
      `${left.join(', ')} ${lie} there unfinished, with what was acknowledged of it: readable as it is`,
    ];
  }

  /** Whether this error may be waited for. */
  covers(error: unknown): boolean {
    return this.isAsked && PASSING.has(errnoOf(error));
  }

  /**
   * Tries again until it goes well. Never twice at the same time.
   *
   * @param first - what the first attempt failed with
   * @throws what an attempt failed with, where it cannot be waited for, or no longer
   */
  async outlast(first: unknown, attempt: () => Promise<void>): Promise<void> {
    if (!this.covers(first)) throw first;
    const { retryAfterMs, giveUpAfterMs } = this.#settings;
    const startMs = performance.now();
    this.#waits += 1;
    const every = `tries again every ${secondsText(retryAfterMs)}`;
    this.#warn(`${textOf(first)}; it waits and ${every}, nothing that was acknowledged is lost`);
    for (;;) {
      await this.#pause(Math.min(retryAfterMs, startMs + giveUpAfterMs - performance.now()));
      const isLast = this.#isEnding() || performance.now() - startMs >= giveUpAfterMs;
      try {
        await attempt();
        break;
      } catch (error) {
        if (isLast || !this.covers(error)) throw error;
      }
    }
    const waitedMs = performance.now() - startMs;
    this.#waitedMs += waitedMs;
    this.#warn(`${this.#location} is written again, after ${secondsText(waitedMs)}`);
  }

  async #pause(ms: number): Promise<void> {
    const endMs = performance.now() + ms;
    while (!this.#isEnding()) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return;
      await sleep(Math.min(leftMs, LOOK_MS));
    }
  }

  #isEnding(): boolean {
    return this.#context.isEnding?.() ?? false;
  }

  #warn(text: string): void {
    warnOf(this.#context, text);
  }
}

function textOf(error: unknown): string {
  return isSockflowError(error) ? `${error.code}: ${error.message}` : String(error);
}

function secondsText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}
