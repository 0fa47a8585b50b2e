import type { FlagTest, Plan, PlanFilter } from '../../contracts/filter.ts';
import { Kind } from '../../schema/kind.ts';

export type FlagField = 'cb' | 'tcp' | 'ecn';
/** A filter that is not folded with its neighbours. */
export type SingleFilter = Extract<
  PlanFilter,
  { type: 'port' | 'address' | 'connection' | 'sample' | 'time' | 'where' }
>;
/** Flag tests of one field, folded: at least one of each of `any`. */
export interface FoldedFlags {
  all: number;
  none: number;
  any: number[];
}

/**
 * Filters between two `where`, folded into one conjunction. A filter after a `where` is not moved before it: what the user's function sees and how often it is
 * called are part of the meaning.
 */
export interface PlanSegment {
  /** Values allowed; undefined: all. */
  kinds: ReadonlySet<number> | undefined;
  ops: ReadonlySet<number> | undefined;
  states: ReadonlySet<number> | undefined;
  flags: Map<FlagField, FoldedFlags>;
  /** In the plan's order; a `where` is always last. */
  rest: SingleFilter[];
}

const OP_KIND: ReadonlySet<number> = new Set([Kind.OP]);
/** Kinds that have a TCP state. */
const STATE_KINDS: ReadonlySet<number> = new Set([Kind.OP, Kind.SNAPSHOT]);

function emptySegment(): PlanSegment {
  return { kinds: undefined, ops: undefined, states: undefined, flags: new Map(), rest: [] };
}

function intersect(
  a: ReadonlySet<number> | undefined,
  b: ReadonlySet<number>,
): ReadonlySet<number> {
  return a === undefined ? b : new Set([...a].filter((value) => b.has(value)));
}

function foldFlags(segment: PlanSegment, field: FlagField, test: FlagTest): void {
  const folded = segment.flags.get(field) ?? { all: 0, none: 0, any: [] };
  folded.all |= test.all;
  folded.none |= test.none;
  if (test.any !== 0) folded.any.push(test.any);
  segment.flags.set(field, folded);
}

/** Adds one filter to a segment. */
function fold(segment: PlanSegment, filter: PlanFilter): void {
  switch (filter.type) {
    case 'op':
      segment.ops = intersect(segment.ops, new Set(filter.ops));
      segment.kinds = intersect(segment.kinds, OP_KIND);
      break;
    case 'kind':
      segment.kinds = intersect(segment.kinds, new Set(filter.kinds));
      break;
    case 'flags':
      foldFlags(segment, filter.field, filter);
      segment.kinds = intersect(segment.kinds, OP_KIND);
      break;
    case 'state':
      segment.states = intersect(segment.states, new Set(filter.states));
      segment.kinds = intersect(segment.kinds, STATE_KINDS);
      break;
    case 'port':
    case 'address':
    case 'connection':
    case 'sample':
    case 'time':
    case 'where':
      segment.rest.push(filter);
      break;
  }
}

/** The plan as conjunctions, in order, cut after each `where`. */
export function planSegments(plan: Plan): PlanSegment[] {
  const segments: PlanSegment[] = [];
  let segment: PlanSegment | undefined;
  for (const filter of plan) {
    if (segment === undefined) {
      segment = emptySegment();
      segments.push(segment);
    }
    fold(segment, filter);
    if (filter.type === 'where') segment = undefined;
  }
  return segments;
}

/** Whether a conjunction contradicts itself. */
export function isImpossible(segment: PlanSegment): boolean {
  if (segment.kinds?.size === 0 || segment.ops?.size === 0 || segment.states?.size === 0) {
    return true;
  }
  return [...segment.flags.values()].some((flags) => isFlagsImpossible(flags));
}

/** Whether no set of flags can pass. */
export function isFlagsImpossible({ all, none, any }: FoldedFlags): boolean {
  return (all & none) !== 0 || any.some((bits) => (bits & ~none) === 0);
}
