import { EVENT_FIELDS } from '../schema/event-fields.ts';
import type { FieldSpec } from '../schema/field-spec.ts';
import { stampPresence } from '../schema/generated/presence.ts';
import { Kind } from '../schema/kind.ts';
import { laneKey } from '../schema/lane-key.ts';
import { KIND_NAMES } from '../schema/names.ts';
import { Op } from '../schema/op.ts';
import type { Origin } from '../schema/origin.ts';
import { NO_SUCH_NAME, parseKind, parseOp } from '../schema/parse-names.ts';
import { refuseObjectValue, refuseObjectWithout } from './field-range.ts';
import { RING_HEADER_BYTES, SLOT_STEP_BYTES } from './layout.ts';
import { type ObjectField, type ObjectShape, objectShape } from './object-fields.ts';
import { numberOfName, objectValueInto } from './object-value.ts';
import { checkSections, sectionsInto, slotBytesWith } from './sections.ts';
import type { SlotMemory } from './slot-memory.ts';
import { NO_ROOM } from './write-context-event.ts';

/*
 * Events as objects (`view.toObject()`, NDJSON, msgpack maps) back into slots. What the way to objects loses, and what is worked out instead, is in
 * docs/specs/event-objects.md. What comes in may be anybody's: a value is checked before it is written, and what is not a field is not looked at.
 */
type Values = Readonly<Record<string, unknown>>;

const ARGS_WORD = 24;
const RTT_MIN_WORD = 44;
const HAS_SKB_WORD_BIT = 0x80000000;
const NO_MINIMUM = 0xffffffff;
const HEADER_HEX = /^(?:[\da-f]{2}){0,60}$/i;
const US_PER_S = 1_000_000;
const ALL = -1;

/** Presence bits of fields, as two i32. */
class Bits {
  readonly low: number;
  readonly high: number;

  constructor(isIn: (field: FieldSpec) => boolean) {
    const bits = EVENT_FIELDS.filter(isIn).map(({ bit }) => bit);
    const half = (index: number): number =>
      bits.reduce((mask, bit) => (bit >>> 5 === index ? mask | (1 << (bit & 31)) : mask), 0);
    this.low = half(0);
    this.high = half(1);
  }
}

const ARGS = new Bits(({ name }) => name === 'args');
const TIME = new Bits(({ name }) => name === 'ts_boot_ns');
const RTT_MIN = new Bits(({ name }) => name === 'rtt_min');
const SEGMENT = new Bits(({ presence }) => ['skb', 'tcpFlags', 'header'].includes(presence));
const OTHER_METRICS = new Bits(({ name, presence }) => presence === 'tcp' && name !== 'rtt_min');
/** What every event has. */
const CERTAIN = new Bits(
  ({ name, presence }) => presence === 'always' && name !== 'cpu' && name !== 'netns_cookie',
);

/** Fields given so far: as presence bits (numbers of an object would be boxed where bit 31 is set), and how many arguments and required ones. */
const given = new Int32Array(4);
const LOW = 0;
const HIGH = 1;
const ARGUMENTS = 2;
const REQUIRED = 3;
/** What the origin's source captured, of the origin seen last. */
const captured: { origin: Origin | undefined; low: number; high: number } = {
  origin: undefined,
  low: ALL,
  high: ALL,
};

function kindOf(values: Values): Kind {
  const kind = values['kind'];
  if (kind === undefined) return Kind.OP;
  const number = numberOfName(parseKind, kind, Kind.CLOCK_ANCHOR);
  if (number < Kind.OP) refuseObjectValue('kind', `one of ${Object.keys(Kind).join(', ')}`, kind);
  return number as Kind;
}

function opOf(kind: Kind, values: Values): number {
  if (kind !== Kind.OP) return Op.VOID;
  const { op } = values;
  if (op === undefined || op === null) refuseObjectWithout('op', KIND_NAMES[kind]!);
  const number = numberOfName(parseOp, op, 255);
  if (number === NO_SUCH_NAME)
    refuseObjectValue('op', 'the name of an operator, UNKNOWN(n), or an integer from 0 to 255', op);
  return number;
}

function headerHexOf(values: Values): string {
  const hex = values['tcpHeaderHex'];
  if (hex === undefined || hex === null) return '';
  if (typeof hex !== 'string' || !HEADER_HEX.test(hex))
    refuseObjectValue('tcpHeaderHex', 'hexadecimal text of at most 60 bytes', hex);
  return hex;
}

/** The time since boot of the wall clock's time, where the origin's clocks are known. */
function bootNs(values: Values, origin: Origin | undefined): unknown {
  const { wallNs } = values;
  const clock = origin?.clock;
  if (clock === undefined || wallNs === undefined || wallNs === null) return undefined;
  const isText = typeof wallNs === 'string' && /^\d{1,20}$/.test(wallNs);
  if (typeof wallNs !== 'bigint' && !isText && !Number.isSafeInteger(wallNs))
    refuseObjectValue('wallNs', 'nanoseconds since 1970 as a decimal string or a bigint', wallNs);
  return BigInt(wallNs as string | bigint | number) - clock.realtimeNs + clock.bootNs;
}

/** The timeout in jiffies from the one in microseconds, where the origin's HZ is known. */
function jiffies(values: Values, origin: Origin | undefined): unknown {
  const { rtoUs } = values;
  if (origin?.hz === undefined || rtoUs === undefined || rtoUs === null) return undefined;
  if (typeof rtoUs !== 'number') refuseObjectValue('rtoUs', 'a number', rtoUs);
  return Math.round((rtoUs * origin.hz) / US_PER_S);
}

function give(field: ObjectField): void {
  given[LOW]! |= field.bitLow;
  given[HIGH]! |= field.bitHigh;
  given[ARGUMENTS]! += field.argument;
  given[REQUIRED]! += field.required;
}

/* By the object's own keys: asking it for each of eighty fields, of which it lacks half, takes several times as long. */
function fieldsInto(values: Values, shape: ObjectShape, m: Uint32Array, w: number): void {
  const { byName } = shape;
  for (const name in values) {
    const value = values[name];
    // Some writers of JSON and msgpack write null for what is not there.
    if (value === undefined || value === null) continue;
    const field = byName.get(name);
    if (field === undefined) continue;
    objectValueInto(field, value, m, w);
    give(field);
  }
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Writes what follows from other fields and the origin where a field is not there. */
function substitutesInto(
  values: Values,
  shape: ObjectShape,
  m: Uint32Array,
  w: number,
  origin: Origin | undefined,
): void {
  const { byName, required, argumentCount } = shape;
  const ts = byName.get('tsNs');
  const rto = byName.get('rtoJiffies');
  if (ts !== undefined && given[REQUIRED]! < required.length && isMissing(values['tsNs']))
    substituteInto(ts, bootNs(values, origin), m, w);
  if (rto !== undefined && given[ARGUMENTS]! < argumentCount && isMissing(values['rtoJiffies']))
    substituteInto(rto, jiffies(values, origin), m, w);
}

function substituteInto(field: ObjectField, value: unknown, m: Uint32Array, w: number): void {
  if (value === undefined) return;
  objectValueInto(field, value, m, w);
  give(field);
}

function requireAll(values: Values, kind: Kind, { required }: ObjectShape): void {
  const found = given[REQUIRED]!;
  if (found === required.length) return;
  for (const { name } of required)
    if (isMissing(values[name])) refuseObjectWithout(name, KIND_NAMES[kind]!);
}

function argumentsInto(op: number, argumentCount: number, m: Uint32Array, w: number): void {
  if (given[ARGUMENTS] === 0) return;
  const args = w + ARGS_WORD;
  if (given[ARGUMENTS] !== argumentCount) {
    m.fill(0, args, args + 4);
    return;
  }
  given[LOW]! |= ARGS.low;
  // Two samples below 1 us are not the zeros of a kernel that gives none: this one gave parts of a microsecond, which objects do not have.
  if (op === Op.RTT_CB && m[args] === 0 && m[args + 1] === 0) m[args + 1] = 1;
}

/** What an event has that its object does not say. */
function inferInto(op: number, m: Uint32Array, w: number): void {
  const low = given[LOW]!;
  const high = given[HIGH]!;
  const hasMetrics =
    (low & OTHER_METRICS.low) === OTHER_METRICS.low &&
    (high & OTHER_METRICS.high) === OTHER_METRICS.high;
  // All other metrics are there: so there was no sample yet.
  if (hasMetrics && (low & RTT_MIN.low) === 0) {
    given[LOW]! |= RTT_MIN.low;
    m[w + RTT_MIN_WORD] = NO_MINIMUM;
  }
  const hasSegment = (low & SEGMENT.low) !== 0 || (high & SEGMENT.high) !== 0;
  if (hasSegment && isSegmentByBit(op)) m[w + 3]! |= HAS_SKB_WORD_BIT;
}

/** Whether the op has a segment where `has_skb` says so; in the others with a segment the bit is 0. */
function isSegmentByBit(op: number): boolean {
  return (
    op === Op.ACTIVE_ESTABLISHED_CB ||
    op === Op.PASSIVE_ESTABLISHED_CB ||
    op === Op.PARSE_HDR_OPT_CB ||
    op === Op.WRITE_HDR_OPT_CB ||
    op > Op.TSTAMP_SENDMSG_CB
  );
}

function learnCaptured(origin: Origin | undefined): void {
  if (captured.origin === origin) return;
  const bits = origin?.captured;
  captured.origin = origin;
  captured.low = bits === undefined ? ALL : Number(BigInt.asIntN(32, bits));
  captured.high = bits === undefined ? ALL : Number(BigInt.asIntN(32, bits >> 32n));
}

/**
 * Writes an event or marker as objects have it as a slot at word index `word`: what `view.toObject()` gives, or the same read from NDJSON or msgpack, where 64-bit values are
 * decimal strings, bigints or numbers. A field that is not there is absent in the slot.
 *
 * The slot is whole or not there: a refused event leaves a zero length word, or what lay there before. Keys that no field has, and fields that mean nothing in an event
 * of this kind and op, are passed over. `origin` is the event's: its `captured`, `hz` and `clock` say what the object does not.
 *
 * @returns the slot's bytes, or {@link NO_ROOM}.
 * @throws ERR_SOCKFLOW_FIELD_RANGE naming the field whose value does not fit; ERR_SOCKFLOW_FIELD_MISSING naming the one that must be there.
 */
export function writeEventObject(
  memory: SlotMemory,
  word: number,
  object: object,
  origin?: Origin,
): number {
  if (typeof object !== 'object' || object === null || Array.isArray(object))
    refuseObjectValue('event', 'an object', object);
  const values = object as Values;
  const kind = kindOf(values);
  const op = opOf(kind, values);
  const hasMetrics = kind === Kind.OP || kind === Kind.SNAPSHOT;
  const headerHex = hasMetrics ? headerHexOf(values) : '';
  const sections = hasMetrics ? checkSections(values['sections']) : [];
  const bytes = slotBytesWith(headerHex, sections);
  if (word % (SLOT_STEP_BYTES / 4) !== 0) refuseObjectValue('word', 'a multiple of 16 (S2)', word);
  const m = memory.u32;
  if (word + bytes / 4 > m.length) return NO_ROOM;
  m.fill(0, word, word + bytes / 4);

  const isMarker = kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR;
  given[LOW] = isMarker ? TIME.low : CERTAIN.low;
  given[HIGH] = 0;
  given[ARGUMENTS] = 0;
  given[REQUIRED] = 0;
  m[word + 2] = kind | (op << 8);
  const shape = objectShape(kind, op);
  // Before the addresses, whatever their order: it says how they lie.
  const family = shape.byName.get('family');
  if (family !== undefined && !isMissing(values['family']))
    objectValueInto(family, values['family'], m, word);
  fieldsInto(values, shape, m, word);
  substitutesInto(values, shape, m, word, origin);
  requireAll(values, kind, shape);
  argumentsInto(op, shape.argumentCount, m, word);
  if (hasMetrics) inferInto(op, m, word);
  sectionsInto(headerHex, sections, m, word);
  m[word + 11] = laneKey(m[word + 6]!, m[word + 7]!);
  m[word] = bytes - RING_HEADER_BYTES;
  learnCaptured(origin);
  stampPresence(m, word, given[LOW] & captured.low, given[HIGH] & captured.high);
  return bytes;
}
