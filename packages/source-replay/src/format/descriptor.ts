import { crc32 } from 'node:zlib';

import {
  CLOCK_ANCHOR_FIELDS,
  EVENT_FIELDS,
  type FieldSpec,
  Kind,
  type KindFieldSpec,
  LOSS_MARKER_FIELDS,
  RTT_SUMMARY_FIELDS,
  SLOT_BYTES,
} from '@sockflow/core';

/** One field of an event, as a recording describes it. */
export interface DescribedField {
  readonly name: string;
  readonly offset: number;
  readonly type: string;
  readonly bits?: { readonly shift: number; readonly width: number };
  readonly bit: number;
}

/** What a recording says of its slots: enough to read them without this package. */
export interface Descriptor {
  readonly creator: string;
  readonly slotBytes: number;
  readonly fields: readonly DescribedField[];
  readonly kinds: Readonly<Record<string, number>>;
  readonly kindFields: Readonly<
    Record<
      string,
      readonly { readonly name: string; readonly offset: number; readonly type: string }[]
    >
  >;
}

function describeField({ name, offset, type, bits, bit }: FieldSpec): DescribedField {
  return bits === undefined
    ? { name, offset, type, bit }
    : { name, offset, type, bits: { shift: bits.shift, width: bits.width }, bit };
}

function describeKindFields(
  fields: readonly KindFieldSpec[],
): { name: string; offset: number; type: string }[] {
  return fields.map(({ name, offset, type }) => ({ name, offset, type }));
}

const FIELDS = EVENT_FIELDS.map(describeField);
const KIND_FIELDS = {
  RTT_SUMMARY: describeKindFields(RTT_SUMMARY_FIELDS),
  LOSS_MARKER: describeKindFields(LOSS_MARKER_FIELDS),
  CLOCK_ANCHOR: describeKindFields(CLOCK_ANCHOR_FIELDS),
};

/** CRC of this version's field tables: recordings with the same one need no comparison. */
export const SCHEMA_FINGERPRINT: number = crc32(JSON.stringify([FIELDS, KIND_FIELDS]));

/** The descriptor of what is written here. */
export function describeSlots(creator: string): Descriptor {
  return {
    creator,
    slotBytes: SLOT_BYTES,
    fields: FIELDS,
    kinds: Kind,
    kindFields: KIND_FIELDS,
  };
}

/** @returns how a recording's slots differ from ours where both know a field, in words; `undefined` where they can be read. */
export function schemaConflict(descriptor: Descriptor): string | undefined {
  const slotBytes: unknown = descriptor.slotBytes;
  if (slotBytes !== SLOT_BYTES) {
    // A list that is deep enough cannot even be told.
    const theirs = typeof slotBytes === 'number' ? slotBytes : 'unknown';
    return `slots of ${theirs} bytes instead of ${SLOT_BYTES}`;
  }
  const ours = new Map(FIELDS.map((field) => [field.name, fieldText(field)]));
  for (const field of descriptor.fields) {
    const own = ours.get(field.name);
    if (own === undefined) continue;
    const theirs = fieldText(field);
    if (own !== theirs) {
      return `field '${field.name}' as ${theirs} instead of ${own}`;
    }
  }
  return undefined;
}

/** What of a field must agree, as text. A descriptor may hold anything, of any depth: only what has the right type is looked at. */
function fieldText({ name, offset, type, bits, bit }: DescribedField): string {
  const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
  const { shift, width }: Partial<NonNullable<DescribedField['bits']>> = bits ?? {};
  const place = bits === undefined ? {} : { bits: { shift: number(shift), width: number(width) } };
  const typeText = typeof type === 'string' ? type : null;
  return JSON.stringify({
    name,
    offset: number(offset),
    type: typeText,
    ...place,
    bit: number(bit),
  });
}
