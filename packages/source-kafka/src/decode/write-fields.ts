import { isSockflowError, Kind, type Origin, writeEventObject } from '@sockflow/core';

import { badValue } from './bad-value.ts';
import type { SlotOutput } from './slot-output.ts';

/** A slot is no longer than this and the text of its sections. */
const SLOT_MAX_BYTES = 384;
const KIND_WORD = 2;

/** What the header `sockflow-schema` says that a value is. */
export type ValueKind = 'event' | 'marker';

/**
 * Writes the fields of one value of `valueBytes` as a slot at the output's end.
 *
 * @throws ERR_SOCKFLOW_KAFKA_BAD_VALUE
 */
export function writeFields(
  fields: Readonly<Record<string, unknown>>,
  valueBytes: number,
  expected: ValueKind,
  origin: Origin,
  output: SlotOutput,
): void {
  const { originId } = fields;
  if (originId !== undefined && originId !== null && originId !== origin.id)
    throw badValue('the value names another originId than the header sockflow-origin');
  const { u32 } = output.reserve(SLOT_MAX_BYTES + valueBytes);
  const word = output.endWord;
  const bytes = slotInto(fields, origin, output);
  const kind = (u32[word + KIND_WORD] as number) & 0xff;
  const isMarker = kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR;
  if (isMarker !== (expected === 'marker'))
    throw badValue(`the value is ${isMarker ? 'a marker' : 'an event'}, its header says otherwise`);
  output.endWord = word + bytes / 4;
}

function slotInto(fields: object, origin: Origin, output: SlotOutput): number {
  try {
    return writeEventObject(output.memory, output.endWord, fields, origin);
  } catch (error) {
    if (!isSockflowError(error)) throw error;
    // Without the field's value, which may be anything of any size: the message has its beginning.
    const { field } = error.details as { readonly field?: string };
    throw badValue(error.message, { field, reason: error.code });
  }
}
