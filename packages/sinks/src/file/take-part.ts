import { closeSync, existsSync, openSync, readdirSync, rmSync } from 'node:fs';

import { finishedName, UNFINISHED_SUFFIX } from '@sockflow/source-replay/part-names';

import { ioError } from './io-error.ts';
import type { PartNames } from './part-names.ts';

/** A part that was begun: NAME.part lies there, empty and open. */
export interface TakenPart {
  /** The final name. */
  readonly path: string;
  readonly fd: number;
}

/** Begins parts, in one lane. Synchronous: a batch lives no longer than the `write` that a part may begin in. */
export interface PartTaker {
  /** @throws ERR_SOCKFLOW_SINK_PATH */
  take(): TakenPart;
}

/** The one part of an output whose name is fixed: what lies under its unfinished name is written over. */
export function fixedPart(path: string): PartTaker {
  return {
    take() {
      try {
        return { path, fd: openSync(path + UNFINISHED_SUFFIX, 'w') };
      } catch (error) {
        throw ioError(error, path, 'open');
      }
    },
  };
}

/** The parts of a series, each under a name that nothing had before: neither a part of an earlier run nor of another lane is ever written over. */
export class SeriesParts implements PartTaker {
  readonly #names: PartNames;
  readonly #lane: number;
  readonly #nowMs: () => number;
  #lastMs: number;
  #lastN: number | undefined;

  constructor(names: PartNames, lane: number, nowMs: () => number = Date.now) {
    this.#names = names;
    this.#lane = lane;
    this.#nowMs = nowMs;
    this.#lastMs = 0;
    this.#lastN = undefined;
  }

  take(): TakenPart {
    try {
      return this.#take();
    } catch (error) {
      throw ioError(error, this.#names.template, 'open');
    }
  }

  #take(): TakenPart {
    let n = this.#lastN ?? this.#greatestN();
    // Names sort by age within a run even where the clock is set back.
    let timeMs = Math.max(this.#nowMs(), this.#lastMs + 1);
    for (;;) {
      n += 1;
      const path = this.#names.pathOf({ lane: this.#lane, timeMs, n });
      const fd = openNew(path);
      if (fd !== undefined) {
        this.#lastMs = timeMs;
        this.#lastN = n;
        return { path, fd };
      }
      timeMs += 1;
    }
  }

  /** Of what earlier runs left in this lane, finished or not. */
  #greatestN(): number {
    let greatest = 0;
    for (const entry of readdirSync(this.#names.folder)) {
      const key = this.#names.read(finishedName(entry));
      if (key === undefined || (key.lane !== '' && Number(key.lane) !== this.#lane)) continue;
      greatest = Math.max(greatest, key.n);
    }
    return greatest;
  }
}

/** Opens NAME.part where neither it nor NAME is there. */
function openNew(path: string): number | undefined {
  if (existsSync(path)) return undefined;
  let fd: number;
  try {
    fd = openSync(path + UNFINISHED_SUFFIX, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  if (!existsSync(path)) return fd;
  closeSync(fd);
  rmSync(path + UNFINISHED_SUFFIX, { force: true });
  return undefined;
}
