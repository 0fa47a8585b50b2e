import { presenceOf, type WordCode } from '../../schema/accessor-code.ts';
import type { AccessorSpec } from '../../schema/accessor-spec.ts';
import { SLOT_BYTES } from '../../slot/layout.ts';
import { valueCode } from './value-code.ts';

/** Presence bits, as the two words of a slot. */
export interface PresenceBits {
  readonly low: number;
  readonly high: number;
}

/** How many events of the last loop were unusual. */
export interface FoldCounts {
  unusual: number;
}

/** Calls the step for each of `size` slots at `words`; what it returned last. */
export type FoldLoop<S> = (
  m: DataView,
  words: Uint32Array,
  size: number,
  hz: number,
  state: S,
  counts: FoldCounts,
) => S;

/** What a loop is made for. */
export interface FoldSpec {
  readonly accessors: readonly AccessorSpec[];
  readonly absent: number | undefined;
  /** Bits that events usually have: where they do, no bit is looked at by itself. */
  readonly usual: PresenceBits;
  /** Whether byte offsets in the memory are below 2^31. */
  readonly isSmall: boolean;
}

/** Words that are used more than once have a name of their own: `w8` is the word at byte 8. */
function hoistedWords(accessors: readonly AccessorSpec[]): ReadonlySet<number> {
  const uses = new Map<number, number>();
  const count: WordCode = (offset) => {
    uses.set(offset, (uses.get(offset) ?? 0) + 1);
    return '0';
  };
  for (const accessor of accessors) {
    if (accessor.read.how !== 'safe') valueCode(accessor, false, false, count);
  }
  const offsets = [...uses.keys()].filter((offset) => offset < SLOT_BYTES && uses.get(offset)! > 1);
  return new Set([...offsets, 56, 60]);
}

function readWord(offset: number): string {
  return `m.getUint32(s + ${offset}, true)`;
}

function isUsual(accessor: AccessorSpec, usual: PresenceBits): boolean {
  if (accessor.field === undefined) return false;
  const { offset, mask } = presenceOf(accessor.field);
  return ((offset === 56 ? usual.low : usual.high) & mask) !== 0;
}

/** The presence bits of the fields of these accessors. */
export function presenceBits(accessors: readonly AccessorSpec[]): PresenceBits {
  let [low, high] = [0, 0];
  for (const { field } of accessors) {
    if (field === undefined) continue;
    const { offset, mask } = presenceOf(field);
    if (offset === 56) low |= mask;
    else high |= mask;
  }
  return { low, high };
}

/*
 * Two calls of the step: one for usual events, in the loop, where most fields need no test, one for the others in a function of its own. V8 puts the step into both, each
 * with a budget of its own, so no value is boxed (docs/adr/0011-fold-fields.md). A DataView spares an addition and a sign extension a word, which a typed array needs; and
 * the range of `s` spares an overflow check.
 */
function loopCode(spec: FoldSpec): string {
  const { accessors, absent, usual } = spec;
  const hoisted = hoistedWords(accessors);
  const word: WordCode = (offset) => (hoisted.has(offset) ? `w${offset}` : readWord(offset));
  const names = [...hoisted]
    .map(
      (offset) =>
        `const w${offset} = ${readWord(offset)}${offset >= 56 && offset < 64 ? ' | 0' : ''};`,
    )
    .join(' ');
  const values = (mayRely: boolean): string =>
    accessors
      .map((accessor) =>
        valueCode(accessor, mayRely && isUsual(accessor, usual), Object.is(absent, 0), word),
      )
      .join(',\n');
  return `const slow = (m, s, hz, state) => { ${names}
  return step(state, ${values(false)}); };
return function fold(m, words, size, hz, state, counts) {
  let unusual = 0;
  for (let i = 0; i < size; i++) {
    const s = ${spec.isSmall ? '(words[i] & 0x1fffffff) << 2' : 'words[i] * 4'};
    ${names}
    if ((w56 & ${usual.low}) === ${usual.low} && (w60 & ${usual.high}) === ${usual.high}) state = step(state, ${values(true)});
    else { unusual = (unusual + 1) | 0; state = slow(m, s, hz, state); }
  }
  counts.unusual = unusual;
  return state;
};`;
}

let nextLoop = 1;

/** Compiles the loop. Its text is like no other's: loops of one text would share their type feedback, and with it the step's place in them. */
export function compileFold<S>(
  spec: FoldSpec,
  step: (state: S, ...values: never[]) => S,
): FoldLoop<S> {
  const text = `"use strict"; // ${nextLoop++}\n${loopCode(spec)}`;
  // oxlint-disable-next-line typescript/no-implied-eval -- made of the table of accessors and of numbers
  const factory = new Function('step', 'absent', text) as (
    step: unknown,
    absent: unknown,
  ) => FoldLoop<S>;
  return factory(step, spec.absent);
}
