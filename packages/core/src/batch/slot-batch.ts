import { ConfigError } from '../errors.ts';
import type { EventObject, EventView } from '../schema/generated/view-types.ts';
import type { Origin } from '../schema/origin.ts';
import { CheckedIterator, CursorIterator } from './batch-iterator.ts';
import type { Batch, RawSelection } from './batch.ts';
import type { Marker } from './marker.ts';
import { readMarkers } from './read-markers.ts';
import { retainSlots } from './retain-slots.ts';
import type { Selection } from './selection.ts';
import { staleError } from './stale-view.ts';
import { StepViews } from './step-views.ts';
import type { ViewMode } from './view-mode.ts';

/**
 * The batch of ours: a selection that somebody fills, and the views that read it.
 *
 * OWNERSHIP: whoever calls `open` calls `release` after the `next` it was delivered in; a retained batch is never released. What was
 * released is never opened again: whoever holds it must find it dead, not see the next batch through it. The selection may be filled again.
 */
export class SlotBatch implements Batch {
  readonly #selection: Selection;
  readonly #views: StepViews;
  #origin: Origin | undefined;
  #endTimeUs: number;
  #markers: readonly Marker[] | undefined;
  #isRetained: boolean;

  constructor(selection: Selection, mode: ViewMode) {
    this.#selection = selection;
    this.#views = new StepViews(mode);
    this.#origin = undefined;
    this.#endTimeUs = 0;
    this.#markers = undefined;
    this.#isRetained = false;
  }

  /** A batch that lives as long as anyone holds it; nobody may fill its selection again. */
  static retained(
    selection: Selection,
    mode: ViewMode,
    origin: Origin,
    endTimeUs: number,
  ): SlotBatch {
    const batch = new SlotBatch(selection, mode);
    batch.open(origin, endTimeUs);
    batch.#isRetained = true;
    return batch;
  }

  /** The selection is filled: from now on the batch may be used. */
  open(origin: Origin, endTimeUs: number): void {
    this.#origin = origin;
    this.#endTimeUs = endTimeUs;
    this.#markers = undefined;
    this.#views.open(this.#selection.memory, origin);
  }

  /** The batch is over: every use of it and of its views throws from now on. */
  release(): void {
    this.#origin = undefined;
    this.#markers = undefined;
    this.#views.close();
  }

  get isRetained(): boolean {
    return this.#isRetained;
  }

  get views(): ViewMode {
    return this.#views.mode;
  }

  get origin(): Origin {
    if (this.#origin === undefined) throw staleError('batch');
    return this.#origin;
  }

  get size(): number {
    if (this.#origin === undefined) throw staleError('batch');
    return this.#selection.size;
  }

  get endTimeUs(): number {
    if (this.#origin === undefined) throw staleError('batch');
    return this.#endTimeUs;
  }

  get markers(): readonly Marker[] {
    if (this.#origin === undefined) throw staleError('batch');
    this.#markers ??= readMarkers(this.#selection);
    return this.#markers;
  }

  get raw(): RawSelection {
    if (this.#origin === undefined) throw staleError('batch');
    return this.#selection;
  }

  forEach(step: (event: EventView, index: number) => void): void {
    if (this.#origin === undefined) throw staleError('batch');
    const { words, size } = this.#selection;
    if (this.#views.mode === 'checked') {
      this.#forEachChecked(step);
      return;
    }
    const view = this.#views.cursor;
    for (let index = 0; index < size; index++) {
      view.w = words[index]!;
      step(view, index);
    }
  }

  #forEachChecked(step: (event: EventView, index: number) => void): void {
    const views = this.#views;
    const { words, size } = this.#selection;
    for (let index = 0; index < size; index++) {
      const view = views.step(words[index]!);
      step(view, index);
    }
    views.endStep();
  }

  [Symbol.iterator](): Iterator<EventView> {
    if (this.#origin === undefined) throw staleError('batch');
    return this.#views.mode === 'checked'
      ? new CheckedIterator(this.#selection, this.#views)
      : new CursorIterator(this.#selection, this.#views);
  }

  at(index: number): EventView {
    if (this.#origin === undefined) throw staleError('batch');
    const { words, size } = this.#selection;
    if (!Number.isInteger(index) || index < 0 || index >= size) {
      throw new ConfigError(
        'ERR_SOCKFLOW_INVALID_OPTION',
        `batch.at: expected an index from 0 to ${size - 1}, found ${index}`,
        { details: { index, size }, remedy: 'Ask batch.size first' },
      );
    }
    const w = words[index]!;
    if (this.#views.mode === 'checked') return this.#views.keep(w);
    const view = this.#views.cursor;
    view.w = w;
    return view;
  }

  retain(): Batch {
    const origin = this.origin;
    return SlotBatch.retained(
      retainSlots(this.#selection),
      this.#views.mode,
      origin,
      this.#endTimeUs,
    );
  }

  toObjects(): EventObject[] {
    const objects: EventObject[] = [];
    this.forEach((event) => objects.push(event.toObject()));
    return objects;
  }

  toJSON(): EventObject[] {
    return this.toObjects();
  }
}
