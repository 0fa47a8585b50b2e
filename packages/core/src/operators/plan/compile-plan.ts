import type { StepViews } from '../../batch/step-views.ts';
import type { Plan } from '../../contracts/filter.ts';
import type { SlotView } from '../../schema/generated/slot-view.ts';
import { DISCARD_BIT, LENGTH_MASK, SLOT_LENGTH, SLOT_WORDS } from '../../slot/layout.ts';
import { filterCode, type FilterCode } from './filter-code.ts';
import { planSegments } from './plan-segment.ts';

/** What a span may hold, which the loop must look for. */
export interface ScanTraits {
  readonly mayBeBusy: boolean;
  readonly mayHoldOtherLanes: boolean;
  readonly mayHoldMarkers: boolean;
  /** Whether its slots come from memory rather than from a cache. */
  readonly isCold: boolean;
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
  /** Rubbish: it keeps the engine from leaving reads out that are there to fetch. */
  touched: number;
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

/** What is done with the slot at `s`: nothing more once a condition fails. */
function selectCode(code: FilterCode): string {
  const text = code.conditions.join('\n');
  return [
    /\ba\b/.test(text) ? 'const a = m[(s + 2) | 0];' : '',
    /\bb\b/.test(text) ? 'const b = m[(s + 3) | 0];' : '',
    ...code.conditions.map((condition) => `if (!(${condition})) break slot;`),
    'words[n] = s; n = (n + 1) | 0;',
  ].join(' ');
}

function build(code: FilterCode, loop: string): ScanLoop & ShrinkLoop {
  const functions = code.externals.filter((value) => typeof value === 'function');
  const tag = functions.map((value) => functionId(value)).join(' ');
  const names = code.externals.map((_, index) => `const x${index} = x[${index}];`).join(' ');
  return factoryOf(`"use strict"; // ${tag}\n${names}\n${loop}`)(code.externals);
}

/* ORDER: the length word (Atomics.load) before the slot's other words (plain loads). PAIRS WITH the producer's release of BUSY (S3). */
function headerCode(traits: ScanTraits, word: string): string {
  return traits.mayBeBusy ? `Atomics.load(m, ${word})` : `m[${word}]`;
}

const LANE_CODE = `const key = m[(s + 11) | 0];
    const isOurs = ((((key & 32) === 0 ? laneLow : laneHigh) >>> key) & 1) !== 0;`;

/** Kinds 4 and 5: a loss marker is one lane's, a clock anchor every lane's. */
function markerCode(traits: ScanTraits): string {
  const take = 'markerWords[markers] = s; markers = (markers + 1) | 0;';
  const isTaken = traits.mayHoldOtherLanes ? 'isOurs || (m[(s + 2) | 0] & 1) !== 0' : 'true';
  return `if ((m[(s + 2) | 0] & 0xfe) === 4) {
      passed = (passed + 1) | 0;
      if (${isTaken}) { ${take} }
      break slot;
    }`;
}

/** Looks at the whole slot `offset` words behind `w`. */
function slotCode(traits: ScanTraits, code: FilterCode, offset: number): string {
  return `slot: {
    const s = (w + ${offset}) | 0;
    ${traits.mayHoldOtherLanes ? LANE_CODE : ''}
    ${traits.mayHoldMarkers ? markerCode(traits) : ''}
    ${traits.mayHoldOtherLanes ? 'if (!isOurs) { otherLanes = (otherLanes + 1) | 0; break slot; }' : ''}
    ${selectCode(code)}
  }`;
}

/** Slots looked at per turn of the loop where their length words are all the usual one. */
const GROUP_SLOTS = 4;

/*
 * Words of the second and the fourth cache line of a slot. A filter looks at the first alone; but one line of four is no pattern that the processor fetches ahead by: read like this all four come as a
 * stream, in two thirds of the time, and a step that reads metrics of the survivors finds them in the cache. Out of a cache it would be 0.8 ns a slot for nothing (docs/adr/0002-generated-loops.md).
 */
const STREAM_WORDS = [16, 48];

function touchCode(traits: ScanTraits, offsets: readonly number[]): string {
  if (!traits.isCold) return '';
  const reads = offsets.flatMap((offset) =>
    STREAM_WORDS.map((word) => `m[(w + ${offset + word}) | 0]`),
  );
  return `touched = touched ^ ${reads.join(' ^ ')};`;
}

function groupCode(traits: ScanTraits, code: FilterCode): string {
  // A function of the user is called from one place only, so that the engine can put it there.
  if (code.hasCalls || traits.mayBeBusy) return '';
  const offsets = Array.from({ length: GROUP_SLOTS }, (_, index) => index * SLOT_WORDS);
  const areUsual = offsets.map((offset) => `m[(w + ${offset}) | 0] === ${SLOT_LENGTH}`);
  return `while (w <= lastGroup && ${areUsual.join(' && ')}) {
    ${touchCode(traits, offsets)}
    ${offsets.map((offset) => slotCode(traits, code, offset)).join('\n')}
    w = (w + ${GROUP_SLOTS * SLOT_WORDS}) | 0;
  }`;
}

/*
 * The walk: slot-step.ts, S1-S5. Slots of the usual length are the fast path, four in a turn: the next index does not wait for the length word to arrive from memory, and a
 * turn is short enough that the processor has many cache lines under way (one slot a turn, counting each, was 1.6 times slower; bench/src/decode). Events are counted by
 * what the walk skipped, not one by one. The loop ends at a busy slot, at damage, or where less than a slot is left; the caller looks at what is there.
 */
function scanCode(traits: ScanTraits, code: FilterCode): string {
  return `return function scan(m, w, end, words, markerWords, result, view, laneLow, laneHigh, originId) {
  w = w | 0;
  end = end | 0;
  const start = w;
  const last = (end - ${SLOT_WORDS}) | 0;
  const lastGroup = (end - ${GROUP_SLOTS * SLOT_WORDS}) | 0;
  let touched = 0, n = 0, markers = 0, passed = 0, otherLanes = 0, extraWords = 0;
  ${code.prologue.join('\n  ')}
  for (;;) {
  ${groupCode(traits, code)}
  if (w > last) break;
  const h = ${headerCode(traits, 'w')} | 0;
  let next = (w + ${SLOT_WORDS}) | 0;
  if (h !== ${SLOT_LENGTH}) {
    if (h < ${SLOT_LENGTH} || (h & 63) !== 56) break;
    next = (w + (((h & ${LENGTH_MASK}) + 8) >>> 2)) | 0;
    if (next > end) break;
    extraWords = (extraWords + next - w) | 0;
    if ((h & ${DISCARD_BIT}) !== 0) { w = next; continue; }
    extraWords = (extraWords - ${SLOT_WORDS}) | 0;
  }
  ${slotCode(traits, code, 0)}
  w = next;
  }
  result.size = n;
  result.markerCount = markers;
  result.events = (w - start - extraWords) / ${SLOT_WORDS} - passed - otherLanes;
  result.otherLanes = otherLanes;
  result.stopWord = w;
  result.touched = touched;
}`;
}

/** Compiles a plan into the loop that walks a span and selects in one go. */
export function compileScan(plan: Plan, traits: ScanTraits, isChecked: boolean): ScanLoop {
  const code = filterCode(planSegments(plan), isChecked);
  return build(code, scanCode(traits, code));
}

/** Compiles a plan into the loop that shrinks a selection that exists. */
export function compileShrink(plan: Plan, isChecked: boolean): ShrinkLoop {
  const code = filterCode(planSegments(plan), isChecked);
  return build(
    code,
    `return function shrink(m, from, count, words, view, originId) {
  let n = 0;
  ${code.prologue.join('\n  ')}
  for (let i = 0; i < count; i++) slot: {
    const s = from[i] | 0;
    ${selectCode(code)}
  }
  return n;
}`,
  );
}
