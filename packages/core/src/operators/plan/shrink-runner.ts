import type { Batch } from '../../batch/batch.ts';
import { Selection } from '../../batch/selection.ts';
import { SlotBatch } from '../../batch/slot-batch.ts';
import { StepViews } from '../../batch/step-views.ts';
import { defaultViewMode, type ViewMode } from '../../batch/view-mode.ts';
import type { Plan } from '../../contracts/filter.ts';
import { operatorError } from '../operator-error.ts';
import { compileShrink, type ShrinkLoop } from './compile-plan.ts';

/**
 * Shrinks batches that are already there by a plan, for one subscription: selections of its own, so that what others see of the batch stays as it is.
 *
 * OWNERSHIP: as PlanRunner's, except that what is made of a retained batch is as long-lived as that.
 */
export class ShrinkRunner {
  readonly #plan: Plan;
  #mode: ViewMode | undefined;
  #loop: ShrinkLoop | undefined;
  #whereViews: StepViews | undefined;
  #selection: Selection | undefined;
  #live: SlotBatch | undefined;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#mode = undefined;
    this.#loop = undefined;
    this.#whereViews = undefined;
    this.#selection = undefined;
    this.#live = undefined;
  }

  /** @throws ERR_SOCKFLOW_OPERATOR where a `where` of the plan threw. */
  run(batch: Batch): Batch {
    const mode = batch instanceof SlotBatch ? batch.views : defaultViewMode();
    const isRetained = batch instanceof SlotBatch && batch.isRetained;
    if (mode !== this.#mode) this.#adopt(mode);
    const { raw } = batch;
    const selection = isRetained ? new Selection(raw.memory) : this.#reusedSelection(batch);
    selection.memory = raw.memory;
    selection.reserve(raw.size);
    selection.markerWords = raw.markerWords;
    selection.markerCount = raw.markerCount;
    selection.size = this.#shrink(batch, selection.words);
    if (isRetained) return SlotBatch.retained(selection, mode, batch.origin, batch.endTimeUs);
    const shrunk = new SlotBatch(selection, mode);
    this.#live = shrunk;
    shrunk.open(batch.origin, batch.endTimeUs);
    return shrunk;
  }

  /** The batch of the last run is over, unless it was made of a retained one. */
  release(): void {
    this.#live?.release();
    this.#live = undefined;
  }

  #adopt(mode: ViewMode): void {
    this.#mode = mode;
    this.#loop = compileShrink(this.#plan, mode === 'checked');
    this.#whereViews = new StepViews(mode);
    this.#selection = undefined;
  }

  #reusedSelection(batch: Batch): Selection {
    this.#selection ??= new Selection(batch.raw.memory);
    return this.#selection;
  }

  #shrink(batch: Batch, words: Uint32Array): number {
    const views = this.#whereViews!;
    const { raw, origin } = batch;
    views.open(raw.memory, origin);
    try {
      return this.#loop!(
        raw.memory.u32,
        raw.words,
        raw.size,
        words,
        views.mode === 'checked' ? views : views.cursor,
        origin.id,
      );
    } catch (error) {
      throw operatorError('where', error);
    } finally {
      views.close();
    }
  }
}
