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

export interface ReadContextOptions {
  /** The origin's `captured`: fields outside it are left out. */
  readonly captured?: bigint | undefined;
}

type Values = Record<string, unknown>;

/** One kind's fields, and an object that has every key but those that are written only where they mean something. */
interface Template {
  readonly fields: readonly ContextField[];
  readonly values: Values;
}

/** Object.fromEntries, since keys added one by one beyond a dozen make a slow object. */
function templateOf(kind: Kind): Template {
  const fields = CONTEXT_FIELDS[kind];
  const keys = fields.filter((field) => !field.isOnlyWherePresent).map((field) => [field.name, 0]);
  const name = kind === Kind.OP ? [] : [['kind', KIND_NAMES[kind]]];
  return { fields, values: Object.fromEntries([...name, ...keys]) as Values };
}

const TEMPLATES = new Map<number, Template>(
  Object.values(Kind).map((kind) => [kind, templateOf(kind)]),
);
const RULE = new Uint32Array(2);
const ALL = 0xffffffff;

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
  const template = TEMPLATES.get(kind);
  if (template === undefined) refuseValue('kind', 'a kind that this version knows', kind);
  const { captured } = options;
  const capturedLow = captured === undefined ? ALL : Number(BigInt.asUintN(32, captured));
  const capturedHigh = captured === undefined ? ALL : Number(BigInt.asUintN(32, captured >> 32n));
  presenceInto(m, word, RULE, 0);
  // Not captured: what the rule gives and the slot does not have, and what the source could not read at all.
  const missingLow = (RULE[0]! & ~m[word + PRESENCE_LOW_WORD]!) | ~capturedLow;
  const missingHigh = (RULE[1]! & ~m[word + PRESENCE_HIGH_WORD]!) | ~capturedHigh;

  // A copy of an object that has the keys is filled in at a third of the cost of adding them one by one, and stays faster to turn into JSON.
  const event: Values = { ...template.values };
  for (const field of template.fields) {
    const isMissing = (field.bitLow & missingLow) !== 0 || (field.bitHigh & missingHigh) !== 0;
    if (field.isOnlyWherePresent) {
      const isMeant = (field.bitLow & RULE[0]!) !== 0 || (field.bitHigh & RULE[1]!) !== 0;
      if (isMeant && !isMissing) event[field.name] = valueOf(field, m, word);
    } else if (isMissing) {
      delete event[field.name];
    } else {
      event[field.name] = valueOf(field, m, word);
    }
  }
  addSections(event, m, word);
  return event as unknown as ContextEvent;
}
