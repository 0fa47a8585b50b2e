import type { SlotView } from '../schema/generated/slot-view.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import type { RawSelection } from './batch.ts';
import { staleError } from './stale-view.ts';
import type { StepViews } from './step-views.ts';

/** Iterates over a batch with one cursor, without allocating per event: the iterator is its own result object. */
export class CursorIterator implements Iterator<EventView> {
  done: boolean;
  readonly value: SlotView & EventView;
  readonly #words: Uint32Array;
  readonly #size: number;
  readonly #views: StepViews;
  #index: number;

  constructor(selection: RawSelection, views: StepViews) {
    this.done = false;
    this.value = views.cursor;
    this.#words = selection.words;
    this.#size = selection.size;
    this.#views = views;
    this.#index = 0;
  }

  next(): IteratorResult<EventView> {
    if (!this.#views.isOpen) throw staleError('batch');
    const index = this.#index;
    if (index < this.#size) {
      this.value.w = this.#words[index]!;
      this.#index = index + 1;
    } else {
      this.done = true;
    }
    return this as IteratorResult<EventView>;
  }
}

/** Iterates over a batch with a view of its own for each event; a view dies with its step. */
export class CheckedIterator implements Iterator<EventView> {
  readonly #selection: RawSelection;
  readonly #views: StepViews;
  #index: number;

  constructor(selection: RawSelection, views: StepViews) {
    this.#selection = selection;
    this.#views = views;
    this.#index = 0;
  }

  next(): IteratorResult<EventView> {
    if (!this.#views.isOpen) throw staleError('batch');
    if (this.#index >= this.#selection.size) return this.return();
    return { done: false, value: this.#views.step(this.#selection.words[this.#index++]!) };
  }

  return(): IteratorResult<EventView> {
    this.#views.endStep();
    return { done: true, value: undefined };
  }
}
