import { CONTEXT_KEYS, REQUIRED_CONTEXT_KEYS } from '../schema/context-keys.ts';
import { EVENT_FIELDS } from '../schema/event-fields.ts';
import type { FieldSpec } from '../schema/field-spec.ts';
import {
  CLOCK_ANCHOR_FIELDS,
  LOSS_MARKER_FIELDS,
  RTT_SUMMARY_FIELDS,
} from '../schema/kind-fields.ts';
import type { KindFieldSpec } from '../schema/kind-fields.ts';
import { Kind } from '../schema/kind.ts';
import { RTT_SUMMARY_CLASSES } from '../schema/presence-rule.ts';

/**
 * How one raw field is written and read, worked out once from the schema's tables.
 *
 *   number  (word >>> shift) & max, times `scale` in the context
 *   u64     two words
 *   words   `count` words
 *   comm    16 zero-padded bytes
 *   header  section 1
 */
export interface ContextField {
  readonly name: string;
  readonly form: 'number' | 'u64' | 'words' | 'comm' | 'header';
  /** Word of the slot. */
  readonly word: number;
  readonly shift: number;
  /** Largest value in the slot. */
  readonly max: number;
  /** What the context's value is divided by: 65536 where it lies in the upper half of a u32. */
  readonly scale: number;
  readonly count: number;
  /** The presence bit in the low and the high half; both 0 for a field of a kind that is always there. */
  readonly bitLow: number;
  readonly bitHigh: number;
  readonly isRequired: boolean;
  /** Left out where it means nothing and is zero: most contexts do not have it. */
  readonly isRare: boolean;
}

const WIDTH_BITS: Readonly<Record<string, number>> = { u8: 8, u16: 16, u32: 32 };
const WORD_COUNTS: Readonly<Record<string, number>> = { u32x4: 4, u32x23: 23 };

function formOf(type: string): ContextField['form'] {
  if (type === 'u64') return 'u64';
  if (type === 'char16') return 'comm';
  return WORD_COUNTS[type] === undefined ? 'number' : 'words';
}

function place(field: {
  offset: number;
  type: string;
  bits?: FieldSpec['bits'];
}): Pick<ContextField, 'word' | 'shift' | 'max' | 'count'> {
  const widthBits = field.bits?.width ?? WIDTH_BITS[field.type] ?? 32;
  return {
    word: field.offset >>> 2,
    shift: (field.offset & 3) * 8 + (field.bits?.shift ?? 0),
    max: 2 ** widthBits - 1,
    count: WORD_COUNTS[field.type] ?? 1,
  };
}

function eventField(field: FieldSpec): ContextField {
  return {
    name: field.name,
    form: field.presence === 'header' ? 'header' : formOf(field.type),
    ...place(field),
    scale: field.narrowed === 'upper half of u32' ? 65536 : 1,
    bitLow: field.bit < 32 ? (1 << field.bit) >>> 0 : 0,
    bitHigh: field.bit < 32 ? 0 : (1 << (field.bit - 32)) >>> 0,
    isRequired: REQUIRED_CONTEXT_KEYS.includes(field.name),
    isRare: field.presence === 'tskey',
  };
}

function kindField(field: KindFieldSpec): ContextField {
  return {
    name: field.name,
    form: formOf(field.type),
    ...place(field),
    scale: 1,
    bitLow: 0,
    bitHigh: 0,
    isRequired: true,
    isRare: false,
  };
}

const SPECS = CONTEXT_KEYS.map((name): FieldSpec => {
  const field = EVENT_FIELDS.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`no field ${name}`);
  return field;
});

function fieldsOf(
  isOwn: (field: FieldSpec) => boolean,
  own: readonly KindFieldSpec[] = [],
): readonly ContextField[] {
  return [...SPECS.filter(isOwn).map(eventField), ...own.map(kindField)];
}

function isMarkerField(field: FieldSpec): boolean {
  return field.name === 'ts_boot_ns' || field.name === 'cpu';
}

/** The raw fields of each kind of slot, in the order in which they are written out. */
export const CONTEXT_FIELDS: Readonly<Record<Kind, readonly ContextField[]>> = {
  [Kind.OP]: fieldsOf(() => true),
  [Kind.SNAPSHOT]: fieldsOf((field) => field.name !== 'op'),
  [Kind.RTT_SUMMARY]: fieldsOf(
    (field) => field.name !== 'op' && RTT_SUMMARY_CLASSES.includes(field.presence),
    RTT_SUMMARY_FIELDS,
  ),
  [Kind.LOSS_MARKER]: fieldsOf(isMarkerField, LOSS_MARKER_FIELDS),
  [Kind.CLOCK_ANCHOR]: fieldsOf(isMarkerField, CLOCK_ANCHOR_FIELDS),
};
