import type { Progress } from './inner-end.ts';
import { inputOf, type KeptInputs } from './kept-inputs.ts';
import type { SegmentFeed } from './segment-feed.ts';
import type { Spill } from './spill.ts';
import type { SpoolLog } from './spool-log.ts';

/** The next for the inner end. */
export interface DueInput {
  readonly input: unknown;
  /** Whether the disk has lost it: it is passed over, and there is no input. */
  readonly isLost: boolean;
  /** How far the lane is with it. */
  readonly upTo: Progress;
  /** Call when it was given. */
  release(): void;
}

/** Where what is due lies. */
export interface DueInputsParts {
  readonly log: SpoolLog;
  readonly kept: KeptInputs;
  readonly feed: SegmentFeed;
  readonly spill: Spill;
  readonly warn: (text: string) => void;
}

const nothingToRelease = (): void => {};

/** What a lane's inner end gets next (Q2): from a segment of the disk, or from what is kept. */
export class DueInputs {
  readonly #parts: DueInputsParts;

  constructor(parts: DueInputsParts) {
    this.#parts = parts;
  }

  /** @returns what follows `given`, or `undefined` where nothing does */
  next(given: Progress): DueInput | undefined {
    const { log, kept: keptInputs, feed, spill } = this.#parts;
    let segment = log.holding(given.item);
    if (segment !== undefined && log.isCurrent(segment)) {
      // It is whole now, and what comes is kept until the inner end lags again.
      spill.end();
      segment = log.holding(given.item);
    }
    if (segment === undefined) {
      const kept = keptInputs.holding(given.item);
      if (kept === undefined) return undefined;
      const upTo = { item: kept.end, events: kept.eventsBefore + kept.events };
      return { input: inputOf(kept), isLost: false, upTo, release: nothingToRelease };
    }
    const chunk = feed.chunkAt(segment, given.item);
    const upTo = {
      item: given.item + chunk.items,
      events: given.events + (segment.isOwn ? chunk.events : 0),
    };
    if (chunk.input !== undefined)
      return { input: chunk.input, isLost: false, upTo, release: () => chunk.release() };
    if (log.markUnreadable(segment, given.item, chunk)) {
      this.#parts.warn(
        `${segment.path} is damaged: what can be read of it is delivered, and it is kept as NAME.damaged`,
      );
    }
    return { input: undefined, isLost: true, upTo, release: nothingToRelease };
  }
}
