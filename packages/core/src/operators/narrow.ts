import type { EventView, KindViews, OpViews } from '../schema/generated/view-types.ts';
import type { Kind } from '../schema/kind.ts';

/** The view of an op that may be any: with what every event has, and known to be an op event. */
export type AnyOpView = EventView & { readonly kind: typeof Kind.OP };

type OpViewOf<O extends number> = O extends keyof OpViews ? OpViews[O] : AnyOpView;

/** What is left of the views `E` when only the ops `O` pass: their views where `E` is the general one, else those of `E` that have one of the ops. */
export type NarrowOp<E extends EventView, O extends number> = number extends E['op']
  ? OpViewOf<O>
  : number extends O
    ? E
    : Extract<E, { readonly op: O }>;

/** What is left of the views `E` when only the kinds `K` pass. */
export type NarrowKind<E extends EventView, K extends keyof KindViews> = number extends E['kind']
  ? KindViews[K]
  : Extract<E, { readonly kind: K }>;
