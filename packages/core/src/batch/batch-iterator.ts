import type { EventView } from '../schema/generated/view-types.ts';
import type { RawSelection } from './batch.ts';
import type { StepViews } from './step-views.ts';

/** Iterates over a batch without allocating per event: the iterator is its own result object. */
export class BatchIterator implements Iterator<EventView> {
  done: boolean;
  value: EventView;
  readonly #batch: { readonly size: number };
  readonly #words: Uint32Array;
  readonly #views: StepViews;
  #index: number;

  constructor(batch: { readonly size: number }, selection: RawSelection, views: StepViews) {
    this.done = false;
    this.value = views.cursor;
    this.#batch = batch;
    this.#words = selection.words;
    this.#views = views;
    this.#index = 0;
  }

  next(): IteratorResult<EventView> {
    const views = this.#views;
    // Throws where the batch is over, in the middle of an iteration too.
    if (this.#index >= this.#batch.size) {
      this.done = true;
      if (views.mode === 'checked') views.endStep();
      return this as IteratorResult<EventView>;
    }
    const w = this.#words[this.#index++]!;
    if (views.mode === 'checked') this.value = views.step(w);
    else views.cursor.w = w;
    return this as IteratorResult<EventView>;
  }

  return(): IteratorResult<EventView> {
    this.done = true;
    if (this.#views.mode === 'checked') this.#views.endStep();
    return this as IteratorResult<EventView>;
  }
}
