import type { StepViews } from '../../batch/step-views.ts';
import type { Plan } from '../../contracts/filter.ts';
import type { SlotView } from '../../schema/generated/slot-view.ts';
import { filterCode, type FilterCode } from './filter-code.ts';
import { planSegments } from './plan-segment.ts';

/** What a span may hold, which the loop must look for. */
export interface ScanTraits {
  readonly mayBeBusy: boolean;
  readonly mayHoldOtherLanes: boolean;
  readonly mayHoldMarkers: boolean;
}

/** What a scan tells besides the words it wrote. */
export interface ScanResult {
  /** Events selected. */
  size: number;
  /** Markers found. */
  markerCount: number;
  /** Events walked that are this lane's. */
  events: number;
  /** Events walked that are another lane's. */
  otherLanes: number;
  /** Word index where the walk ended: past the last slot that was walked. */
  stopWord: number;
}

/** Walks slots from word `w` to `end`, writes the word index of what passes into `words`, that of markers into `markerWords`. */
export type ScanLoop = (
  m: Uint32Array,
  w: number,
  end: number,
  words: Uint32Array,
  markerWords: Uint32Array,
  result: ScanResult,
  view: SlotView | StepViews,
  laneLow: number,
  laneHigh: number,
  originId: string,
) => void;

/** Writes what passes of `count` words in `from` into `words` (may be the same); how many. */
export type ShrinkLoop = (
  m: Uint32Array,
  from: Uint32Array,
  count: number,
  words: Uint32Array,
  view: SlotView | StepViews,
  originId: string,
) => number;

type LoopFactory = (externals: readonly unknown[]) => ScanLoop & ShrinkLoop;

/** Compiled code by its text; loops of user functions are told apart by them, so that each has type feedback of its own. */
const factories = new Map<string, LoopFactory>();
const FACTORIES_KEPT = 128;
const functionIds = new WeakMap<object, number>();
let nextFunctionId = 1;

function functionId(value: object): number {
  let id = functionIds.get(value);
  if (id === undefined) {
    id = nextFunctionId++;
    functionIds.set(value, id);
  }
  return id;
}

function factoryOf(text: string): LoopFactory {
  const known = factories.get(text);
  if (known !== undefined) return known;
  // oxlint-disable-next-line typescript/no-implied-eval -- the code is made of constants that filter-code.ts wrote as numbers and JSON strings
  const factory = new Function('x', text) as LoopFactory;
  if (factories.size >= FACTORIES_KEPT) {
    const oldest = factories.keys().next();
    if (oldest.done !== true) factories.delete(oldest.value);
  }
  factories.set(text, factory);
  return factory;
}

function bodyCode(code: FilterCode, skip: string): string {
  const text = code.conditions.join('\n');
  return [
    /\ba\b/.test(text) ? 'const a = m[w + 2];' : '',
    /\bb\b/.test(text) ? 'const b = m[w + 3];' : '',
    ...code.conditions.map((condition) => `if (!(${condition})) ${skip};`),
  ].join('\n    ');
}

function build(code: FilterCode, loop: string): ScanLoop & ShrinkLoop {
  const functions = code.externals.filter((value) => typeof value === 'function');
  const tag = functions.map((value) => functionId(value)).join(' ');
  const names = code.externals.map((_, index) => `const x${index} = x[${index}];`).join(' ');
  return factoryOf(`"use strict"; // ${tag}\n${names}\n${loop}`)(code.externals);
}

/*
 * The walk: slot-step.ts, S1-S5. A slot of the usual length is the fast path, where the next index does not wait for the length word to arrive from memory. The loop ends
 * at a busy slot, at damage, or where less than a slot is left; the caller looks at what is there.
 */
function walkCode(traits: ScanTraits): string {
  // ORDER: the length word (Atomics.load) before the slot's other words (plain loads). PAIRS WITH the producer's release of BUSY (S3).
  const header = traits.mayBeBusy ? 'Atomics.load(m, w) | 0' : 'm[w] | 0';
  return `const h = ${header};
    next = w + 64;
    if (h !== 248) {
      if (h < 248 || (h & 63) !== 56) break;
      next = w + (((h & 0x3fffffff) + 8) >>> 2);
      if (next > end) break;
      if ((h & 0x40000000) !== 0) continue;
    }`;
}

const LANE_TEST = `const key = m[w + 11];
    const isOurs = ((((key & 32) === 0 ? laneLow : laneHigh) >>> key) & 1) !== 0;`;

/** Kinds 4 and 5: a loss marker is one lane's, a clock anchor every lane's. */
function markerCode(traits: ScanTraits): string {
  if (!traits.mayHoldMarkers) return '';
  const take = traits.mayHoldOtherLanes
    ? 'if (isOurs || (m[w + 2] & 1) !== 0) markerWords[markers++] = w;'
    : 'markerWords[markers++] = w;';
  return `if ((m[w + 2] & 0xfe) === 4) { ${take} continue; }`;
}

/** Compiles a plan into the loop that walks a span and selects in one go. */
export function compileScan(plan: Plan, traits: ScanTraits, isChecked: boolean): ScanLoop {
  const code = filterCode(planSegments(plan), isChecked);
  return build(
    code,
    `return function scan(m, w, end, words, markerWords, result, view, laneLow, laneHigh, originId) {
  const last = end - 64;
  let n = 0, markers = 0, events = 0, otherLanes = 0, next = 0;
  ${code.prologue.join('\n  ')}
  for (; w <= last; w = next) {
    ${walkCode(traits)}
    ${traits.mayHoldOtherLanes ? LANE_TEST : ''}
    ${markerCode(traits)}
    ${traits.mayHoldOtherLanes ? 'if (!isOurs) { otherLanes++; continue; }' : ''}
    events++;
    ${bodyCode(code, 'continue')}
    words[n++] = w;
  }
  result.size = n;
  result.markerCount = markers;
  result.events = events;
  result.otherLanes = otherLanes;
  result.stopWord = w;
}`,
  );
}

/** Compiles a plan into the loop that shrinks a selection that exists. */
export function compileShrink(plan: Plan, isChecked: boolean): ShrinkLoop {
  const code = filterCode(planSegments(plan), isChecked);
  return build(
    code,
    `return function shrink(m, from, count, words, view, originId) {
  let n = 0;
  ${code.prologue.join('\n  ')}
  for (let i = 0; i < count; i++) {
    const w = from[i];
    ${bodyCode(code, 'continue')}
    words[n++] = w;
  }
  return n;
}`,
  );
}
