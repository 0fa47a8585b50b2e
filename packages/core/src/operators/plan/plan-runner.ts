import { Selection } from '../../batch/selection.ts';
import { SlotBatch } from '../../batch/slot-batch.ts';
import { StepViews } from '../../batch/step-views.ts';
import type { ViewMode } from '../../batch/view-mode.ts';
import type { Plan } from '../../contracts/filter.ts';
import { LANE_BUCKETS } from '../../schema/lane-key.ts';
import { SLOT_WORDS } from '../../slot/layout.ts';
import type { SlotMemory } from '../../slot/slot-memory.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { operatorError } from '../operator-error.ts';
import { compileScan, type ScanLoop, type ScanResult } from './compile-plan.ts';
import { scanTail } from './scan-tail.ts';

/** Memory larger than this does not stay in a cache from one use of a slot to the next. */
const CACHE_BYTES = 32 * 2 ** 20;

/** Which lane a runner scans for, and how its batches hand out views. */
export interface PlanRunnerOptions {
  readonly lane: number;
  readonly lanes: number;
  readonly views: ViewMode;
}

/** What one run walked and selected, in events. */
export interface ScanCounts extends Readonly<ScanResult> {
  /** Events dropped by the plan. */
  readonly filtered: number;
  /** Slots that what lies behind damage counts as. */
  readonly damaged: number;
}

interface MutableCounts extends ScanResult {
  filtered: number;
  damaged: number;
}

function laneMask(lane: number, lanes: number, firstBucket: number): number {
  let mask = 0;
  for (let bit = 0; bit < LANE_BUCKETS / 2; bit++) {
    if ((firstBucket + bit) % lanes === lane) mask |= 1 << bit;
  }
  return mask;
}

/**
 * Makes batches out of spans by one plan, for one subscription of one lane.
 *
 * OWNERSHIP: the batch of `run` is valid until `release`, which its caller calls after the `next` it delivered it in. Each run makes a batch of its
 * own: one that somebody held must not come back to life with the next.
 */
export class PlanRunner {
  readonly counts: ScanCounts;
  readonly #plan: Plan;
  readonly #views: ViewMode;
  readonly #laneLow: number;
  readonly #laneHigh: number;
  readonly #loops: (ScanLoop | undefined)[];
  readonly #whereViews: StepViews;
  readonly #counts: MutableCounts;
  #selection: Selection | undefined;
  #batch: SlotBatch | undefined;

  constructor(plan: Plan, options: PlanRunnerOptions) {
    this.#plan = plan;
    this.#views = options.views;
    this.#laneLow = laneMask(options.lane, options.lanes, 0);
    this.#laneHigh = laneMask(options.lane, options.lanes, LANE_BUCKETS / 2);
    this.#loops = Array.from({ length: 16 }, () => undefined);
    this.#whereViews = new StepViews(options.views);
    this.#counts = {
      size: 0,
      markerCount: 0,
      events: 0,
      otherLanes: 0,
      stopWord: 0,
      touched: 0,
      filtered: 0,
      damaged: 0,
    };
    this.counts = this.#counts;
    this.#selection = undefined;
    this.#batch = undefined;
  }

  /**
   * Scans the span up to `endWord`: a batch with what the plan keeps. `counts` then tells of this run.
   *
   * Several runners over one span that may be busy must see the same slots: the first one's `counts.stopWord` is the `endWord` of the others.
   *
   * @throws ERR_SOCKFLOW_OPERATOR where a `where` of the plan threw.
   */
  run(span: SlotSpan, endWord: number = span.endWord): SlotBatch {
    const selection = this.#prepare(span.memory, span.startWord, endWord, span.mayHoldMarkers);
    this.#scan(span, endWord, selection);
    const counts = this.#counts;
    counts.filtered = counts.events - counts.size;
    counts.damaged = 0;
    if (counts.stopWord < endWord) {
      const end = scanTail(span.memory.u32, counts.stopWord, endWord, span.mayBeBusy);
      counts.stopWord = end.stopWord;
      counts.damaged = end.damaged;
    }
    selection.size = counts.size;
    selection.markerCount = counts.markerCount;
    const batch = new SlotBatch(selection, this.#views);
    this.#batch = batch;
    batch.open(span.origin, span.endTimeUs);
    return batch;
  }

  /** The batch of the last run is over: it and its views throw from now on. */
  release(): void {
    this.#batch?.release();
    this.#batch = undefined;
  }

  #prepare(memory: SlotMemory, startWord: number, endWord: number, marks: boolean): Selection {
    this.#selection ??= new Selection(memory);
    const selection = this.#selection;
    const slots = Math.ceil(Math.max(0, endWord - startWord) / SLOT_WORDS);
    selection.memory = memory;
    selection.reserve(slots);
    if (marks) selection.reserveMarkers(slots);
    return selection;
  }

  #scan(span: SlotSpan, endWord: number, selection: Selection): void {
    const { memory, origin } = span;
    const loop = this.#loopFor(span);
    const views = this.#whereViews;
    views.open(memory, origin);
    try {
      loop(
        memory.u32,
        span.startWord,
        endWord,
        selection.words,
        selection.markerWords,
        this.#counts,
        this.#views === 'checked' ? views : views.cursor,
        this.#laneLow,
        this.#laneHigh,
        origin.id,
      );
    } catch (error) {
      throw operatorError('where', error);
    } finally {
      views.close();
    }
  }

  #loopFor(span: SlotSpan): ScanLoop {
    const { mayBeBusy, mayHoldOtherLanes, mayHoldMarkers } = span;
    const { u8, isWalked } = span.memory;
    const isCold = !isWalked && u8.byteLength > CACHE_BYTES;
    const index =
      (mayBeBusy ? 1 : 0) |
      (mayHoldOtherLanes ? 2 : 0) |
      (mayHoldMarkers ? 4 : 0) |
      (isCold ? 8 : 0);
    let loop = this.#loops[index];
    if (loop === undefined) {
      const traits = { mayBeBusy, mayHoldOtherLanes, mayHoldMarkers, isCold };
      loop = compileScan(this.#plan, traits, this.#views === 'checked');
      this.#loops[index] = loop;
    }
    return loop;
  }
}
