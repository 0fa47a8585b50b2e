import { BLOCK, FRAME, FrameType, PREAMBLE, TRAILER } from '../format/layout.ts';
import type { Random } from '../generate/random.ts';
import { Draft, restateLength, slotOffsets, type Seal } from './draft.test.support.ts';

/** One change: what is done, and numbers that say where and to what; each is taken modulo what there is. */
export interface Mutation {
  readonly what: number;
  readonly at: number;
  readonly which: number;
  readonly value: number;
}

/** A whole input as data: the base it starts from, the changes in their order, what is made right again, and the changes of its bytes after that. */
export interface Plan {
  readonly base: number;
  readonly mutations: readonly Mutation[];
  /** Bits of {@link Seal}. */
  readonly seal: number;
  readonly isUnfinished: boolean;
  /** Whether it is read in every way there is, or only opened and scanned. */
  readonly isDeep: boolean;
}

type Width = 1 | 2 | 4 | 8;
type Field = readonly [offset: number, width: Width];

const FRAME_FIELDS: readonly Field[] = [
  [FRAME.magicOffset, 4],
  [FRAME.typeOffset, 2],
  [FRAME.flagsOffset, 2],
  [FRAME.headerBytesOffset, 4],
  [FRAME.bodyBytesOffset, 4],
  [FRAME.offsetOffset, 8],
  [FRAME.numberOffset, 4],
  [FRAME.bodyCrcOffset, 4],
  [FRAME.identityOffset, 4],
  [FRAME.identityOffset + 16, 2],
  [FRAME.identityOffset + 18, 2],
  [FRAME.identityOffset + 20, 4],
  [FRAME.originNumberOffset, 4],
];
const BLOCK_FIELDS: readonly Field[] = [
  [BLOCK.compressionOffset, 4],
  [BLOCK.eventsBeforeOffset, 8],
  [BLOCK.firstTimeOffset, 8],
  [BLOCK.lastTimeOffset, 8],
  [BLOCK.laneBucketsOffset, 8],
  [BLOCK.payloadBytesOffset, 4],
  [BLOCK.storedBytesOffset, 4],
  [BLOCK.slotsOffset, 4],
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((kind): Field => [BLOCK.kindCountsOffset + kind * 4, 4]),
  [BLOCK.opCountsOffset + 48, 4],
  [BLOCK.localPortsOffset, 8],
];
const TRAILER_FIELDS: readonly Field[] = [
  [TRAILER.blocksOffset, 4],
  [TRAILER.indexOffset, 8],
  [TRAILER.eventsOffset, 8],
  [TRAILER.markersOffset, 8],
];
const PREAMBLE_FIELDS: readonly Field[] = [
  [0, 1],
  [PREAMBLE.majorOffset, 2],
  [PREAMBLE.minorOffset, 2],
  [PREAMBLE.headerBytesOffset, 4],
  [PREAMBLE.identityOffset, 4],
  [PREAMBLE.identityOffset + 16, 2],
  [PREAMBLE.identityOffset + 18, 2],
  [PREAMBLE.identityOffset + 20, 4],
  [PREAMBLE.descriptorBytesOffset, 4],
  [PREAMBLE.laneGroupsOffset, 2],
];
const INTERESTING: readonly number[] = [
  0,
  1,
  2,
  3,
  4,
  5,
  7,
  63,
  64,
  65,
  128,
  192,
  248,
  255,
  256,
  312,
  320,
  832,
  896,
  1024,
  65535,
  65536,
  65600,
  1 << 20,
  (1 << 20) + 64,
  1 << 24,
  (1 << 24) + 64,
  1 << 30,
  0x40000000,
  0x7fffffff,
  0x7fffffc0,
  0x80000000,
  0xbfffffff,
  0xc0000000,
  0xffffffc0,
  0xfffffff8,
  0xffffffff,
];
const DEEP = 20_000;
const DEEP_RATIO = 1 / 40;
const JSON_VALUES: readonly string[] = [
  'null',
  'true',
  '0',
  '-1',
  '1e308',
  '1e-9',
  '""',
  '"x"',
  '[]',
  '{}',
  '"\\u0000"',
  '"\\ud800"',
  '"0"',
  '"-1"',
  '"18446744073709551615"',
  '"18446744073709551616"',
  '"99999999999999999999"',
  '{"bootNs":"0","realtimeNs":"99999999999999999999"}',
  '{"bootNs":"99999999999999999999","realtimeNs":"0"}',
  '"__proto__"',
  `"${'long '.repeat(400)}"`,
  `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
  '[{}]',
  '[null]',
];
const ORIGIN_KEYS = [
  'id',
  'hostName',
  'bootId',
  'kernelRelease',
  'hz',
  'clock',
  'captured',
  '__proto__',
];
const DESCRIPTOR_KEYS = ['creator', 'slotBytes', 'fields', 'kinds', 'kindFields', 'toString'];

function pick<T>(list: readonly T[], number: number): T {
  return list[number % list.length] as T;
}

function wordOf(value: number): number {
  return value % 2 === 0 ? pick(INTERESTING, value >>> 1) : value;
}

function setField(bytes: Buffer, [offset, width]: Field, value: number): void {
  if (offset + width > bytes.length) return;
  const word = wordOf(value);
  if (width === 1) bytes.writeUInt8(word & 255, offset);
  else if (width === 2) bytes.writeUInt16LE(word & 65535, offset);
  else bytes.writeUInt32LE(word, offset);
  if (width === 8) bytes.writeUInt32LE(value % 3 === 0 ? wordOf(value >>> 3) : 0, offset + 4);
}

function setKey(text: string, key: string, json: string): string {
  const at = text.indexOf(`"${key}":`);
  if (at < 0) return text.replace('{', () => `{"${key}":${json},`);
  // What stood there stays behind another key: JSON has no other use for it.
  return `${text.slice(0, at)}"${key}":${json},"was":${text.slice(at + key.length + 3)}`;
}

type Act = (draft: Draft, mutation: Mutation) => void;

const STRUCTURAL: readonly Act[] = [
  (draft, { at, which, value }) => {
    const frame = draft.frame(at);
    if (frame !== undefined) setField(frame.header, pick(FRAME_FIELDS, which), value);
  },
  (draft, { at, which, value }) => {
    const frame = draft.frame(at, FrameType.BLOCK);
    if (frame !== undefined) setField(frame.header, pick(BLOCK_FIELDS, which), value);
  },
  (draft, { at, which, value }) => {
    const frame = draft.frame(at, FrameType.TRAILER);
    if (frame !== undefined) setField(frame.header, pick(TRAILER_FIELDS, which), value);
  },
  (draft, { which, value }) => setField(draft.preamble, pick(PREAMBLE_FIELDS, which), value),
  (draft, { at, which, value }) => {
    const frame = draft.frame(at, FrameType.ORIGIN);
    if (frame === undefined) return;
    const text = frame.body.toString();
    draft.setText(frame, setKey(text, pick(ORIGIN_KEYS, which), pick(JSON_VALUES, value)));
  },
  (draft, { which, value }) => {
    const text = draft.descriptor.toString();
    const changed = setKey(text, pick(DESCRIPTOR_KEYS, which), pick(JSON_VALUES, value));
    if (changed.length < 1 << 20) draft.setText('descriptor', changed);
  },
  (draft, { at, which, value }) => {
    const frame = draft.frame(at, which % 3 === 0 ? FrameType.ORIGIN : undefined);
    if (frame !== undefined) draft.setText(frame, pick(JSON_VALUES, value));
  },
  (draft, { at }) => void draft.frames.splice(at % Math.max(1, draft.frames.length), 1),
  (draft, { at, which }) => {
    const frame = draft.frame(at);
    if (frame === undefined || draft.frames.length > 40) return;
    const copy = { header: Buffer.from(frame.header), body: Buffer.from(frame.body) };
    draft.frames.splice(which % (draft.frames.length + 1), 0, copy);
  },
  (draft, { at, which }) => {
    const [one, other] = [at % draft.frames.length, which % draft.frames.length];
    const [first, second] = [draft.frames[one], draft.frames[other]];
    if (first === undefined || second === undefined) return;
    draft.frames[one] = second;
    draft.frames[other] = first;
  },
  // Any word of a slot; its first one, the kind and the time more often than others.
  (draft, { at, which, value }) => {
    const frame = draft.frame(at, FrameType.BLOCK);
    if (frame === undefined) return;
    const offset = pick([...slotOffsets(frame.body), 0], which);
    const word = pick([0, 0, 2, 2, 4, 5, 6, 8, 9, 11, which % 64, which % 64, 64, 65, 66], value);
    setField(frame.body, [offset + word * 4, 4], value);
  },
  // A payload that ends elsewhere, stated or not.
  (draft, { at, which, value }) => {
    const frame = draft.frame(at, FrameType.BLOCK);
    if (frame === undefined) return;
    const cut = (which % (frame.body.length / 64 + 1)) * 64;
    frame.body = frame.body.subarray(0, cut);
    if (value % 4 !== 0) restateLength(frame);
  },
  // A header of a later version: longer.
  (draft, { at, which, value }) => {
    const frame = draft.frame(at);
    if (frame === undefined) return;
    const length = Math.max(64, (which % 20) * 64 * (value % 7 === 0 ? 50 : 1));
    const header = Buffer.alloc(length);
    frame.header.copy(header);
    header.writeUInt32LE(length, FRAME.headerBytesOffset);
    frame.header = header;
  },
  // A frame within a payload.
  (draft, { at, which }) => {
    const frame = draft.frame(at, FrameType.BLOCK);
    const other = draft.frame(which);
    if (frame !== undefined && other !== undefined) other.header.copy(frame.body, (which % 8) * 64);
  },
];

const RAW: readonly ((bytes: Buffer, mutation: Mutation) => Buffer)[] = [
  (bytes, { at, value }) => {
    if (bytes.length > 0) bytes[at % bytes.length]! ^= 1 << (value & 7);
    return bytes;
  },
  (bytes, { at, value }) => {
    const place = (at % (Math.floor(bytes.length / 4) + 1)) * 4;
    setField(bytes, [place, 4], value);
    return bytes;
  },
  (bytes, { at }) => bytes.subarray(0, at % (bytes.length + 1)),
  (bytes, { at, which }) => {
    const from = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + (which % 4096))]);
  },
  (bytes, { at, which, value }) => {
    const from = at % (bytes.length + 1);
    const more = Buffer.alloc((which % 4) * 64 + (value % 2 === 0 ? 0 : which % 64), value & 255);
    return Buffer.concat([bytes.subarray(0, from), more, bytes.subarray(from)]);
  },
  (bytes, { at, which, value }) => {
    const from = (at % (Math.floor(bytes.length / 64) + 1)) * 64;
    bytes.copyWithin(
      (value % (Math.floor(bytes.length / 64) + 1)) * 64,
      from,
      from + (which % 2048),
    );
    return bytes;
  },
  (bytes, { at, which }) => {
    const from = at % (bytes.length + 1);
    return bytes.fill(0, from, Math.min(bytes.length, from + (which % 4096)));
  },
];

const KINDS = STRUCTURAL.length + RAW.length;

/** Mutations that change the structure, before checksums are made right. */
export const STRUCTURAL_KINDS: number = STRUCTURAL.length;

/** The file of a plan, always the same. */
export function inputOf({ mutations, seal }: Plan, base: Buffer): Buffer {
  const own = mutations.filter(({ what }) => what % KINDS < STRUCTURAL.length);
  let bytes: Buffer = Buffer.from(base);
  if (own.length > 0) {
    const draft = new Draft(base);
    for (const mutation of own) {
      if (draft.frames.length > 0) pick(STRUCTURAL, mutation.what % KINDS)(draft, mutation);
    }
    bytes = draft.toFile(sealOf(seal));
  }
  for (const mutation of mutations) {
    const kind = mutation.what % KINDS;
    if (kind >= STRUCTURAL.length) bytes = pick(RAW, kind - STRUCTURAL.length)(bytes, mutation);
  }
  return bytes;
}

function sealOf(bits: number): Seal {
  return {
    bodies: (bits & 1) !== 0,
    offsets: (bits & 2) !== 0,
    index: (bits & 4) !== 0,
    headers: (bits & 8) !== 0,
    preamble: (bits & 16) !== 0,
  };
}

function randomMutation(random: Random): Mutation {
  // Four of five keep the structure, so that what is behind the checksums is reached.
  const what = random.chance(0.8) ? random.below(STRUCTURAL.length) : random.below(KINDS);
  return { what, at: random.u32(), which: random.u32(), value: random.u32() };
}

/** A plan of one's own, or another one with a change. */
export function randomPlan(random: Random, bases: number, known: readonly Plan[]): Plan {
  const parent = random.chance(0.5) ? known[random.below(known.length)] : undefined;
  const seal = random.chance(0.8) ? 31 : random.below(32);
  const isUnfinished = random.chance(0.1);
  const isDeep = random.chance(DEEP_RATIO);
  if (parent === undefined) {
    const mutations = Array.from({ length: 1 + random.below(4) }, () => randomMutation(random));
    return { base: random.below(bases), mutations, seal, isUnfinished, isDeep };
  }
  const kept = parent.mutations.filter(() => random.chance(0.85)).slice(-6);
  const changed = kept.map((mutation) =>
    random.chance(0.2) ? { ...mutation, value: random.u32() } : mutation,
  );
  return { ...parent, seal, isDeep, mutations: [...changed, randomMutation(random)] };
}
