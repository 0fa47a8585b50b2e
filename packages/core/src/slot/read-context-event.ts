import type { ContextEvent } from '../schema/generated/context-event.ts';
import { presenceInto } from '../schema/generated/presence.ts';
import { Kind } from '../schema/kind.ts';
import { KIND_NAMES } from '../schema/names.ts';
import { commText } from '../schema/slot-text.ts';
import type { ContextField } from './context-fields.ts';
import { CONTEXT_FIELDS } from './context-fields.ts';
import { refuseValue } from './field-range.ts';
import { readSections, TCP_HEADER_TAG } from './sections.ts';
import type { SlotMemory } from './slot-memory.ts';
import { u64Text } from './u64-text.ts';

export interface ReadContextOptions {
  /** The origin's `captured`: fields outside it are left out. */
  readonly captured?: bigint | undefined;
}

const RULE = new Uint32Array(2);
const ALL = 0xffffffff;
const PRESENCE_WORD = 14;

function valueOf(field: ContextField, m: Uint32Array, w: number): unknown {
  const at = w + field.word;
  switch (field.form) {
    case 'number':
      return (((m[at]! >>> field.shift) & field.max) >>> 0) * field.scale;
    case 'u64':
      return u64Text(m, at);
    case 'words':
      return Array.from(m.subarray(at, at + field.count));
    case 'comm':
      return commText(m, at);
    case 'header': // taken from its section
      return '';
  }
}

function isKind(kind: number): kind is Kind {
  return Object.hasOwn(CONTEXT_FIELDS, kind);
}

/**
 * A slot as a raw event, as {@link writeContextEvent} takes it: 64-bit values as decimal strings, so that it is JSON as it stands.
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
  if (!isKind(kind)) refuseValue('kind', 'a kind of this version', kind);
  const { captured } = options;
  const capturedLow = captured === undefined ? ALL : Number(captured & 0xffffffffn);
  const capturedHigh = captured === undefined ? ALL : Number(captured >> 32n);
  presenceInto(m, word, RULE, 0);
  // Left out: what the rule gives and the slot does not have, and what the source could not read.
  const missingLow = (RULE[0]! & ~m[word + PRESENCE_WORD]!) | ~capturedLow;
  const missingHigh = (RULE[1]! & ~m[word + PRESENCE_WORD + 1]!) | ~capturedHigh;

  const event: Record<string, unknown> = {};
  if (kind !== Kind.OP) event['kind'] = KIND_NAMES[kind];
  const fields = CONTEXT_FIELDS[kind];
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index]!;
    if ((field.bitLow & missingLow) !== 0 || (field.bitHigh & missingHigh) !== 0) continue;
    if (field.isOnlyWherePresent && ((field.bitLow & RULE[0]!) | (field.bitHigh & RULE[1]!)) === 0)
      continue;
    event[field.name] = valueOf(field, m, word);
  }
  addSections(event, m, word);
  return event as unknown as ContextEvent;
}

function addSections(event: Record<string, unknown>, m: Uint32Array, w: number): void {
  const sections = readSections(m, w);
  if (sections.length === 0) return;
  const unknown = sections.filter(([tag]) => tag !== TCP_HEADER_TAG);
  if (sections[0]![0] === TCP_HEADER_TAG && 'tcp_header' in event)
    event['tcp_header'] = sections[0]![1];
  if (unknown.length > 0) event['sections'] = unknown;
}
