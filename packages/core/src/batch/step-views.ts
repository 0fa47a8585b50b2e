import { SlotView } from '../schema/generated/slot-view.ts';
import type { Origin } from '../schema/origin.ts';
import type { SlotMemory } from '../slot/slot-memory.ts';
import { DEAD_BIG, DEAD_ORIGIN, DEAD_U32, poisonView } from './stale-view.ts';
import type { ViewMode } from './view-mode.ts';

/** The cursor before the first batch: nobody can tell it from a view that died. */
const NEVER_ALIVE = new SlotView(DEAD_U32, DEAD_BIG, 0, DEAD_ORIGIN);

/**
 * Hands out the views of a batch, or of one scan after another.
 *
 * OWNERSHIP: whoever opens it closes it when the batch is over; no view of it lives longer.
 */
export class StepViews {
  readonly mode: ViewMode;
  /** The one view in reused mode, another one after each `open`; in checked mode the last one handed out. */
  cursor: SlotView;
  isOpen: boolean;
  #memory: SlotMemory | undefined;
  #origin: Origin;
  /** Checked mode: views without a step of their own, which live as long as the batch. */
  #kept: SlotView[] | undefined;

  constructor(mode: ViewMode) {
    this.mode = mode;
    this.cursor = NEVER_ALIVE;
    this.isOpen = false;
    this.#memory = undefined;
    this.#origin = DEAD_ORIGIN;
    this.#kept = undefined;
  }

  open(memory: SlotMemory, origin: Origin): void {
    this.isOpen = true;
    this.#memory = memory;
    this.#origin = origin;
    if (this.mode === 'checked') return;
    // Never the one of before: somebody may hold it, and it must stay dead.
    this.cursor = this.#create(0);
  }

  /** Checked mode: the view of the slot at word index `w`; the one handed out before dies. */
  step(w: number): SlotView {
    poisonView(this.cursor);
    this.cursor = this.#create(w);
    return this.cursor;
  }

  /** Checked mode: a view that lives until `close`. */
  keep(w: number): SlotView {
    const view = this.#create(w);
    (this.#kept ??= []).push(view);
    return view;
  }

  /** Checked mode: the last view that `step` handed out dies. */
  endStep(): void {
    poisonView(this.cursor);
  }

  close(): void {
    poisonView(this.cursor);
    for (const view of this.#kept ?? []) poisonView(view);
    this.#kept = undefined;
    this.isOpen = false;
    this.#memory = undefined;
    this.#origin = DEAD_ORIGIN;
  }

  #create(w: number): SlotView {
    const memory = this.#memory;
    return memory === undefined
      ? new SlotView(DEAD_U32, DEAD_BIG, w, DEAD_ORIGIN)
      : new SlotView(memory.u32, memory.big, w, this.#origin);
  }
}
