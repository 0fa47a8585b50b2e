import type { AccessorRead, AccessorSpec, ObjectForm } from '../schema/accessor-spec.ts';
import { ACCESSORS } from '../schema/accessors.ts';
import { PRESENCE_BIT } from '../schema/generated/presence.ts';
import {
  CLOCK_ANCHOR_FIELDS,
  type KindFieldSpec,
  LOSS_MARKER_FIELDS,
} from '../schema/kind-fields.ts';
import { Kind } from '../schema/kind.ts';
import { LAST_KNOWN_OP } from '../schema/op.ts';
import {
  parseCbFlags,
  parseEcnFlags,
  parseFamily,
  parseKind,
  type ParseName,
  parseOp,
  parseRole,
  parseState,
  parseTcpFlags,
} from '../schema/parse-names.ts';

/**
 * How one field of an object is written into a slot, worked out once from the table of accessors: the way back of what the accessor reads.
 *
 *   number   an integer to `max`, at `shift` of the word; or its name, where `parse` knows names
 *   signed   an i32                              boolean  one bit
 *   port     a u16 into network byte order       u64      two words, exactly
 *   safe     two words, from a number that may be beyond 2^53
 *   address  by the family: one word or four      comm     16 zero-padded bytes
 *   words    `count` words                       header   section 1
 */
export interface ObjectField {
  readonly name: string;
  readonly form:
    | 'number'
    | 'signed'
    | 'boolean'
    | 'port'
    | 'u64'
    | 'safe'
    | 'address'
    | 'comm'
    | 'words'
    | 'header';
  /** Word of the slot; of an address the IPv4 word. */
  readonly word: number;
  /** First word of an IPv6 address. */
  readonly wideWord: number;
  readonly shift: number;
  readonly max: number;
  readonly count: number;
  readonly parse: ParseName | undefined;
  /** Presence bits that the field gives, as i32: both families' of an address; none of what is always there and of one argument alone. */
  readonly bitLow: number;
  readonly bitHigh: number;
  /** 1 where it must be there. */
  readonly required: 0 | 1;
  /** 1 for the arguments of an op: they have one presence bit, so they are there together or not at all. */
  readonly argument: 0 | 1;
}

const IP4_WORDS = { remote: 12, local: 13 } as const;
const IP6_WORDS = { remote: 16, local: 20 } as const;
const TS_WORD = 4;
const UINT32_MAX = 0xffffffff;

const PARSERS: Readonly<Partial<Record<ObjectForm, ParseName>>> = {
  kind: parseKind,
  op: parseOp,
  state: parseState,
  family: parseFamily,
  role: parseRole,
  cbFlags: parseCbFlags,
  ecnFlags: parseEcnFlags,
  tcpFlags: parseTcpFlags,
};

/** One literal makes all of them: code that reads fields of several hidden classes takes several times as long. */
function objectField(name: string, place: Place, more: Partial<ObjectField>): ObjectField {
  return {
    name,
    form: place.form,
    word: place.word ?? 0,
    wideWord: place.wideWord ?? 0,
    shift: place.shift ?? 0,
    max: place.max ?? UINT32_MAX,
    count: place.count ?? 1,
    parse: more.parse,
    bitLow: more.bitLow ?? 0,
    bitHigh: more.bitHigh ?? 0,
    required: more.required ?? 0,
    argument: more.argument ?? 0,
  };
}

type Place = Pick<ObjectField, 'form'> &
  Partial<Pick<ObjectField, 'word' | 'wideWord' | 'shift' | 'max' | 'count'>>;

function numberPlace(read: Extract<AccessorRead, { how: 'number' }>): Place {
  const { offset, shift = 0, mask, signed } = read;
  const max = mask ?? UINT32_MAX >>> shift;
  return { form: signed === true ? 'signed' : 'number', word: offset / 4, shift, max };
}

function placeOf({ name, read }: AccessorSpec): Place | undefined {
  switch (read.how) {
    case 'number':
      return numberPlace(read);
    case 'safe':
      return { form: 'safe', word: read.offset / 4 };
    case 'bigint':
      return { form: 'u64', word: read.offset / 4 };
    case 'port':
      return { form: 'port', word: read.offset >>> 2, max: 0xffff };
    case 'boolean':
      return { form: 'boolean', word: read.offset / 4, shift: read.shift };
    case 'address':
      return { form: 'address', word: IP4_WORDS[read.end], wideWord: IP6_WORDS[read.end] };
    case 'comm':
      return { form: 'comm', word: read.offset / 4 };
    case 'words':
      return { form: 'words', word: read.offset / 4, count: read.count };
    case 'special':
      return name === 'tcpHeaderHex' ? { form: 'header' } : undefined;
  }
}

function bitsOf(fields: readonly string[], half: 0 | 1): number {
  let bits = 0;
  for (const field of fields) {
    const bit = PRESENCE_BIT[field as keyof typeof PRESENCE_BIT];
    if (bit >>> 5 === half) bits |= 1 << (bit & 31);
  }
  return bits;
}

function presenceFields({ field, read }: AccessorSpec): string[] {
  if (read.how === 'address') return [`${read.end}_ip4`, `${read.end}_ip6`];
  return field === undefined || field === 'args' ? [] : [field];
}

/** Fields that the writer looks at before all others. */
const WRITTEN_FIRST: ReadonlySet<string> = new Set(['kind', 'op']);

function isWritten({ name, object }: AccessorSpec): boolean {
  return object !== undefined && !WRITTEN_FIRST.has(name);
}

function eventField(accessor: AccessorSpec): ObjectField | undefined {
  const place = placeOf(accessor);
  if (place === undefined) return undefined;
  const { name, field, read, object } = accessor;
  const presence = presenceFields(accessor);
  return objectField(name, place, {
    parse: object === undefined ? undefined : PARSERS[object],
    bitLow: bitsOf(presence, 0),
    bitHigh: bitsOf(presence, 1),
    // What views promise to have always, and what is laid over the metrics and has no bits of its own.
    required: field === undefined && read.how !== 'address' ? 1 : 0,
    argument: field === 'args' ? 1 : 0,
  });
}

/** Fields that an event of this kind and op can have. */
function fieldsOf(kind: Kind, op: number): readonly ObjectField[] {
  return ACCESSORS.filter((accessor) => {
    const { ops, kind: ownKind, object } = accessor;
    if (!isWritten(accessor)) return false;
    if (ownKind !== undefined) return ownKind === kind;
    if (object === 'unknownOps') return op > LAST_KNOWN_OP;
    return ops === undefined || ops.includes(op);
  })
    .map(eventField)
    .filter((field) => field !== undefined);
}

const RTT_SUMMARY_OVERLAY_WORD = 36;

function summaryFields(): readonly ObjectField[] {
  const own = new Set(ACCESSORS.filter(({ kind }) => kind !== undefined).map(({ name }) => name));
  return fieldsOf(Kind.RTT_SUMMARY, 0).filter(
    ({ name, form, word }) =>
      own.has(name) || (word < RTT_SUMMARY_OVERLAY_WORD && form !== 'header'),
  );
}

function markerField(name: string, word: number, form: ObjectField['form']): ObjectField {
  return objectField(name, { form, word }, { required: 1 });
}

/** The name of a field of the schema as markers have it: `gap_start_ns` is `gapStartNs`. */
function markerName(field: string): string {
  const name = field.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return name === 'lostLane' ? 'lane' : name;
}

function markerFields(specs: readonly KindFieldSpec[]): readonly ObjectField[] {
  const own = specs.map(({ name, offset, type }) => {
    // Counts are numbers in objects, times are bigints.
    const wide = name.endsWith('_ns') ? 'u64' : 'safe';
    return markerField(markerName(name), offset / 4, type === 'u64' ? wide : 'number');
  });
  return [markerField('tsNs', TS_WORD, 'u64'), ...own];
}

/** The fields that objects of one kind and op can have beside both. */
export interface ObjectShape {
  readonly byName: ReadonlyMap<string, ObjectField>;
  readonly required: readonly ObjectField[];
  readonly argumentCount: number;
}

function shapeOf(fields: readonly ObjectField[]): ObjectShape {
  return {
    byName: new Map(fields.map((field) => [field.name, field])),
    required: fields.filter(({ required }) => required === 1),
    argumentCount: fields.filter(({ argument }) => argument === 1).length,
  };
}

const OTHER_KINDS: Readonly<Record<Exclude<Kind, 1>, ObjectShape>> = {
  [Kind.RTT_SUMMARY]: shapeOf(summaryFields()),
  [Kind.SNAPSHOT]: shapeOf(fieldsOf(Kind.SNAPSHOT, 0)),
  [Kind.LOSS_MARKER]: shapeOf(markerFields(LOSS_MARKER_FIELDS)),
  [Kind.CLOCK_ANCHOR]: shapeOf(markerFields(CLOCK_ANCHOR_FIELDS)),
};
const BY_OP: (ObjectShape | undefined)[] = Array.from({ length: 256 });

/** The fields of objects of this kind and op (0 to 255). */
export function objectShape(kind: Kind, op: number): ObjectShape {
  if (kind !== Kind.OP) return OTHER_KINDS[kind];
  return (BY_OP[op] ??= shapeOf(fieldsOf(Kind.OP, op)));
}
