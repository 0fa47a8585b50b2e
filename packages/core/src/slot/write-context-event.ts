import type { ContextEvent } from '../schema/generated/context-event.ts';
import { stampPresence } from '../schema/generated/presence.ts';
import { Kind } from '../schema/kind.ts';
import { laneKey } from '../schema/lane-key.ts';
import { KIND_NAMES } from '../schema/names.ts';
import type { ContextField } from './context-fields.ts';
import { CONTEXT_FIELDS } from './context-fields.ts';
import { refuseMissing, refuseValue } from './field-range.ts';
import { RING_HEADER_BYTES, SLOT_STEP_BYTES } from './layout.ts';
import { checkHeaderHex, checkSections, sectionsInto, slotBytesWith } from './sections.ts';
import type { SlotMemory } from './slot-memory.ts';
import { u64Into } from './u64-text.ts';

/** What {@link writeContextEvent} returns where the memory ends before the slot would. */
export const NO_ROOM = 0;

/** How a raw event is written as a slot. */
export interface WriteContextOptions {
  /** Presence bits of the fields that the source could read at all, as in the origin; all where not given. */
  readonly captured?: bigint | undefined;
}

/** Fields that always lie in the slot though no key names them: lane_key, and the op of kinds that have none, VOID. */
const ALWAYS_GIVEN_LOW = (1 << 14) | 1;
const HAS_SKB_WORD_BIT = 0x80000000;

function numberInto(field: ContextField, value: unknown, m: Uint32Array, w: number): void {
  const { scale, max } = field;
  const narrow = scale === 1 ? value : Number(value) / scale;
  if (
    typeof value !== 'number' ||
    typeof narrow !== 'number' ||
    !Number.isInteger(narrow) ||
    narrow < 0 ||
    narrow > max
  ) {
    const multiple =
      scale === 1 ? '' : ` and a multiple of ${scale} (network byte order, in the upper half)`;
    refuseValue(field.name, `an integer from 0 to ${max * scale}${multiple}`, value);
  }
  m[w + field.word]! |= narrow << field.shift;
}

function wordsInto(field: ContextField, value: unknown, m: Uint32Array, w: number): void {
  const { count, word } = field;
  const expected = `${count} integers from 0 to 4294967295`;
  if (!Array.isArray(value) || value.length !== count) refuseValue(field.name, expected, value);
  const list = value as readonly unknown[];
  for (let index = 0; index < count; index++) {
    const item = list[index];
    if (typeof item !== 'number' || item >>> 0 !== item) refuseValue(field.name, expected, value);
    m[w + word + index] = item;
  }
}

function commInto(field: ContextField, value: unknown, m: Uint32Array, w: number): void {
  const expected = 'a text of at most 16 bytes without NUL, each character one byte (Latin-1)';
  if (typeof value !== 'string' || value.length > 16) refuseValue(field.name, expected, value);
  for (let index = 0; index < value.length; index++) {
    const byte = value.charCodeAt(index);
    if (byte === 0 || byte > 255) refuseValue(field.name, expected, value);
    m[w + field.word + (index >>> 2)]! |= byte << ((index & 3) * 8);
  }
}

function fieldInto(field: ContextField, value: unknown, m: Uint32Array, w: number): void {
  switch (field.form) {
    case 'number':
      numberInto(field, value, m, w);
      break;
    case 'u64':
      u64Into(field.name, value, m, w + field.word);
      break;
    case 'words':
      wordsInto(field, value, m, w);
      break;
    case 'comm':
      commInto(field, value, m, w);
      break;
    case 'header': // its section is written with the others
      break;
  }
}

function kindOf(name: unknown): Kind {
  if (name === undefined) return Kind.OP;
  if (typeof name === 'string' && Object.hasOwn(Kind, name)) return Kind[name as keyof typeof Kind];
  return refuseValue('kind', `one of ${Object.keys(Kind).join(', ')}`, name);
}

/**
 * Writes a raw event as a slot at word index `word`, with its presence and its lane key.
 *
 * The slot is whole or not there: a refused event leaves a zero length word, or what lay there before. Keys that the schema does not know are passed over.
 *
 * @returns the slot's bytes, or {@link NO_ROOM}.
 * @throws ERR_SOCKFLOW_FIELD_RANGE naming the field whose value does not fit; ERR_SOCKFLOW_FIELD_MISSING naming the one that must be there.
 */
export function writeContextEvent(
  memory: SlotMemory,
  word: number,
  event: ContextEvent,
  options: WriteContextOptions = {},
): number {
  const values = event as unknown as Readonly<Record<string, unknown>>;
  const kind = kindOf(values['kind']);
  const isEvent = kind === Kind.OP || kind === Kind.SNAPSHOT;
  const headerHex = isEvent ? checkHeaderHex(values['tcp_header']) : '';
  const sections = isEvent ? checkSections(values['sections']) : [];
  const bytes = slotBytesWith(headerHex, sections);
  if (word % (SLOT_STEP_BYTES / 4) !== 0) refuseValue('word', 'a multiple of 16 (S2)', word);
  const m = memory.u32;
  if (word + bytes / 4 > m.length) return NO_ROOM;
  m.fill(0, word, word + bytes / 4);

  let givenLow = ALWAYS_GIVEN_LOW;
  let givenHigh = 0;
  const fields = CONTEXT_FIELDS[kind];
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index]!;
    const value = values[field.name];
    if (value === undefined) {
      if (field.isRequired) refuseMissing(field.name, KIND_NAMES[kind]!);
      continue;
    }
    fieldInto(field, value, m, word);
    givenLow |= field.bitLow;
    givenHigh |= field.bitHigh;
  }
  // A header that was captured lay in skb_data, whether or not the source says so.
  if (headerHex !== '' && values['has_skb'] === undefined) m[word + 3]! |= HAS_SKB_WORD_BIT;
  sectionsInto(headerHex, sections, m, word);
  finish(m, word, kind, bytes, givenLow, givenHigh, options.captured);
  return bytes;
}

function finish(
  m: Uint32Array,
  w: number,
  kind: Kind,
  bytes: number,
  givenLow: number,
  givenHigh: number,
  captured: bigint | undefined,
): void {
  m[w + 2]! |= kind;
  m[w + 11] = laneKey(m[w + 6]!, m[w + 7]!);
  m[w] = bytes - RING_HEADER_BYTES;
  const isAll = captured === undefined;
  const low = isAll ? givenLow : givenLow & Number(captured & 0xffffffffn);
  const high = isAll ? givenHigh : givenHigh & Number(captured >> 32n);
  stampPresence(m, w, low, high);
}
