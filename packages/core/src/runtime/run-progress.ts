import { performance } from 'node:perf_hooks';

import type { SourceCounter, SourceLedger } from '../contracts/ledger.ts';
import type { LedgerSnapshot } from './ledger.ts';

/** How far a run is. */
export interface RunProgress {
  readonly elapsedMs: number;
  readonly bytesRead: number;
  /** `undefined` for a live source. */
  readonly totalBytes: number | undefined;
  /** Events read, and those in blocks that the source left out by their statistics. */
  readonly events: number;
  /** Since the last call. */
  readonly eventsPerSec: number;
  readonly bytesPerSec: number;
  /** Of a source that keeps books; `undefined` for another. */
  readonly live: LiveRunProgress | undefined;
}

/** How far a live source has kept up, in events. */
export interface LiveRunProgress {
  /** Left out so far since a ring was filling. */
  readonly shed: number;
  /** Refused so far by a full ring. */
  readonly lost: number;
}

/** Makes progress out of ledger snapshots. */
export class ProgressMeter {
  readonly #totalBytes: number | undefined;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  #lastMs: number;
  #lastEvents: number;
  #lastBytes: number;

  constructor(totalBytes: number | undefined, nowMs: () => number = () => performance.now()) {
    this.#totalBytes = totalBytes;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
    this.#lastMs = this.#startMs;
    this.#lastEvents = 0;
    this.#lastBytes = 0;
  }

  measure({ total, source }: LedgerSnapshot): RunProgress {
    const nowMs = this.#nowMs();
    const sinceS = Math.max(nowMs - this.#lastMs, 1e-3) / 1000;
    const events = total.read + total.skipped;
    const progress = {
      elapsedMs: nowMs - this.#startMs,
      bytesRead: total.bytesRead,
      totalBytes: this.#totalBytes,
      events,
      eventsPerSec: (events - this.#lastEvents) / sinceS,
      bytesPerSec: (total.bytesRead - this.#lastBytes) / sinceS,
      live: source && { shed: sumOf(source, 'shed'), lost: sumOf(source, 'lost') },
    };
    this.#lastMs = nowMs;
    this.#lastEvents = events;
    this.#lastBytes = total.bytesRead;
    return progress;
  }
}

function sumOf({ counts }: SourceLedger, counter: SourceCounter): number {
  return counts.reduce((sum, own) => sum + own[counter], 0);
}
