import type { ContextEvent } from '../schema/generated/context-event.ts';
import { presenceInto } from '../schema/generated/presence.ts';
import { Kind } from '../schema/kind.ts';
import { KIND_NAMES } from '../schema/names.ts';
import { commText } from '../schema/slot-text.ts';
import type { ContextField } from './context-fields.ts';
import { CONTEXT_FIELDS } from './context-fields.ts';
import { refuseValue } from './field-range.ts';
import { PRESENCE_HIGH_WORD, PRESENCE_LOW_WORD } from './layout.ts';
import { readSections, TCP_HEADER_TAG } from './sections.ts';
import type { SlotMemory } from './slot-memory.ts';
import { u64Text } from './u64-text.ts';

/** How a slot is read as a raw event. */
export interface ReadContextOptions {
  /** The origin's `captured`: fields outside it are left out. */
  readonly captured?: bigint | undefined;
}

type Values = Record<string, unknown>;

/** The fields of some slots, and an object that has their keys. */
interface Shape {
  readonly fields: readonly ContextField[];
  readonly values: Values;
}

/** One kind: the presence bits of its fields, and the shapes seen so far by the bits that were missing. */
interface KindShapes {
  readonly fields: readonly ContextField[];
  readonly low: number;
  readonly high: number;
  /** Fields that contexts have only where they mean something. */
  readonly rare: readonly ContextField[];
  readonly shapes: Map<number, Shape>;
}

const MAX_SHAPES = 1024;
const TWO_32 = 4294967296;

function bits(fields: readonly ContextField[], half: 'bitLow' | 'bitHigh'): number {
  return fields.reduce((mask, field) => mask | field[half], 0);
}

const KINDS = new Map<number, KindShapes>(
  Object.values(Kind).map((kind) => {
    const fields = CONTEXT_FIELDS[kind];
    const rare = fields.filter((field) => field.isRare);
    const [low, high] = [bits(fields, 'bitLow'), bits(fields, 'bitHigh')];
    return [kind, { fields, low, high, rare, shapes: new Map<number, Shape>() }];
  }),
);
const RULE = new Uint32Array(2);
const ALL = 0xffffffff;

/**
 * The shape of a slot without the fields of these bits. A copy of an object that has the keys is filled in at a fifth of the cost of adding keys one by one, and is
 * faster to turn into JSON.
 */
function shapeWithout(kind: Kind, kinds: KindShapes, low: number, high: number): Shape {
  const key = (high >>> 0) * TWO_32 + (low >>> 0);
  const known = kinds.shapes.get(key);
  if (known !== undefined) return known;
  const fields = kinds.fields.filter(
    (field) => (field.bitLow & low) === 0 && (field.bitHigh & high) === 0,
  );
  const name = kind === Kind.OP ? [] : [['kind', KIND_NAMES[kind]]];
  const keys = fields.map((field) => [field.name, 0]);
  // Object.fromEntries, since an object that gets more than a dozen computed keys turns into a slow one.
  const shape = { fields, values: Object.fromEntries([...name, ...keys]) as Values };
  if (kinds.shapes.size >= MAX_SHAPES) kinds.shapes.clear();
  kinds.shapes.set(key, shape);
  return shape;
}

/** Array.from over a subarray takes ten times as long. */
function wordsAt(m: Uint32Array, at: number, count: number): number[] {
  const words: number[] = [];
  for (let index = 0; index < count; index++) words.push(m[at + index]!);
  return words;
}

function valueOf(field: ContextField, m: Uint32Array, w: number): unknown {
  const at = w + field.word;
  switch (field.form) {
    case 'number':
      return (((m[at]! >>> field.shift) & field.max) >>> 0) * field.scale;
    case 'u64':
      return u64Text(m, at);
    case 'words':
      return wordsAt(m, at, field.count);
    case 'comm':
      return commText(m, at);
    case 'header': // addSections has it
      return '';
  }
}

function addSections(event: Values, m: Uint32Array, w: number): void {
  const sections = readSections(m, w);
  const [first] = sections;
  if (first === undefined) return;
  const unknown = sections.filter(([tag]) => tag !== TCP_HEADER_TAG);
  if (first[0] === TCP_HEADER_TAG && 'tcp_header' in event) event['tcp_header'] = first[1];
  if (unknown.length > 0) event['sections'] = unknown;
}

/**
 * A slot as a raw event, as `writeContextEvent` takes it: 64-bit values as decimal strings, so that it is JSON as it stands.
 *
 * A field that would mean something in this event and was not captured is left out; one that means nothing here comes back as it lies in the slot.
 *
 * @throws ERR_SOCKFLOW_FIELD_RANGE for a kind that the schema does not know.
 */
export function readContextEvent(
  memory: SlotMemory,
  word: number,
  options: ReadContextOptions = {},
): ContextEvent {
  const m = memory.u32;
  const kind = m[word + 2]! & 0xff;
  const kinds = KINDS.get(kind);
  if (kinds === undefined) refuseValue('kind', 'a kind that this version knows', kind);
  const { captured } = options;
  const capturedLow = captured === undefined ? ALL : Number(BigInt.asUintN(32, captured));
  const capturedHigh = captured === undefined ? ALL : Number(BigInt.asUintN(32, captured >> 32n));
  presenceInto(m, word, RULE, 0);
  const ruleLow = RULE[0]!;
  const ruleHigh = RULE[1]!;
  // Not captured: what the rule gives and the slot does not have, and what the source could not read at all.
  let missingLow = (ruleLow & ~m[word + PRESENCE_LOW_WORD]!) | ~capturedLow;
  let missingHigh = (ruleHigh & ~m[word + PRESENCE_HIGH_WORD]!) | ~capturedHigh;
  for (const field of kinds.rare) {
    if (m[word + field.word] !== 0) continue;
    missingLow |= field.bitLow & ~ruleLow;
    missingHigh |= field.bitHigh & ~ruleHigh;
  }
  const shape = shapeWithout(kind as Kind, kinds, missingLow & kinds.low, missingHigh & kinds.high);
  const event: Values = { ...shape.values };
  for (const field of shape.fields) event[field.name] = valueOf(field, m, word);
  addSections(event, m, word);
  return event as unknown as ContextEvent;
}
