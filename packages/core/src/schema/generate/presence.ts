import { EVENT_FIELDS } from '../event-fields.ts';
import type { PresenceClass } from '../field-spec.ts';
import { Kind } from '../kind.ts';
import { PRESENCE_RULE, RTT_SUMMARY_CLASSES } from '../presence-rule.ts';
import { GENERATED_NOTICE } from './notice.ts';

/** The presence bits of all fields of a class. */
export function classMask(presence: PresenceClass): bigint {
  return EVENT_FIELDS.filter((field) => field.presence === presence).reduce(
    (mask, field) => mask | (1n << BigInt(field.bit)),
    0n,
  );
}

/** Presence bits of a marker: its time and its CPU. */
export function markerMask(): bigint {
  const names = new Set(['ts_boot_ns', 'cpu']);
  return EVENT_FIELDS.filter((field) => names.has(field.name)).reduce(
    (mask, field) => mask | (1n << BigInt(field.bit)),
    0n,
  );
}

const PRESENCE_WORD = 14;
const CLASSES = Object.keys(PRESENCE_RULE) as PresenceClass[];
/** The classes of the rule, in order. */
export const PRESENCE_CLASSES: readonly PresenceClass[] = CLASSES;

function typescriptRule(presence: PresenceClass): string {
  return PRESENCE_RULE[presence].replaceAll('==', '===').replaceAll('!=', '!==');
}

/** Where the rule's variables lie in a slot whose fields are filled. */
const VARIABLES: readonly (readonly [string, string])[] = [
  ['kind', 'm[w + 2]! & 0xff'],
  ['op', '(m[w + 2]! >>> 8) & 0xff'],
  ['family', '(m[w + 3]! >>> 24) & 15'],
  ['is_fullsock', '(m[w + 3]! >>> 28) & 1'],
  ['role', '(m[w + 3]! >>> 29) & 3'],
  ['owner_pid', 'm[w + 30]!'],
  ['has_skb', 'm[w + 3]! >>> 31'],
  ['arg0', 'm[w + 24]!'],
  ['arg1', 'm[w + 25]!'],
  ['hwtstamp_set', '(m[w + 40]! | m[w + 41]!) === 0 ? 0 : 1'],
  [
    'header_length',
    '(m[w]! & 0x3fffffff) > 248 && (m[w + 64]! & 0xffff) === 1 ? m[w + 64]! >>> 16 : 0',
  ],
];

function hex(mask: bigint, shift: bigint): string {
  return `0x${((mask >> shift) & 0xffffffffn).toString(16)}`;
}

function ruleLine(presence: PresenceClass): string {
  const mask = classMask(presence);
  const parts: string[] = [];
  if ((mask & 0xffffffffn) !== 0n) parts.push(`low |= ${hex(mask, 0n)};`);
  if (mask >> 32n !== 0n) parts.push(`high |= ${hex(mask, 32n)};`);
  const rule = typescriptRule(presence);
  const condition = RTT_SUMMARY_CLASSES.includes(presence) ? rule : `hasMetrics && (${rule})`;
  return `  if (${condition}) {\n    ${parts.join('\n    ')}\n  }`;
}

function presenceFunctions(): string {
  const rules = CLASSES.filter((presence) => presence !== 'always').map(ruleLine);
  return `/**
 * Which fields of the slot at word index \`w\` mean something by the rule, all fields filled, as the two halves of a presence word at \`index\` of \`target\`.
 */
export function presenceInto(m: Uint32Array, w: number, target: Uint32Array, index: number): void {
${VARIABLES.map(([name, value]) => `  const ${name} = ${value};`).join('\n')}
  if (kind === ${Kind.LOSS_MARKER} || kind === ${Kind.CLOCK_ANCHOR}) {
    target[index] = ${hex(markerMask(), 0n)};
    target[index + 1] = ${hex(markerMask(), 32n)};
    return;
  }
  // What an RTT summary lays over the metrics has no bits of its own: the kind says it is there.
  const hasMetrics = kind !== ${Kind.RTT_SUMMARY};
  let low = ${hex(classMask('always'), 0n)};
  let high = ${hex(classMask('always'), 32n)};
${rules.join('\n')}
  target[index] = low;
  target[index + 1] = high;
}

/**
 * Writes the presence word of the slot at word index \`w\`, all other fields filled: what means something by the rule, masked with what the loader
 * could read at all (\`captured\`, two halves).
 */
export function stampPresence(m: Uint32Array, w: number, capturedLow: number, capturedHigh: number): void {
  presenceInto(m, w, m, w + ${PRESENCE_WORD});
  m[w + ${PRESENCE_WORD}]! &= capturedLow;
  m[w + ${PRESENCE_WORD + 1}]! &= capturedHigh;
}`;
}

/** The module of the presence rule and of each field's bit. */
export function generatePresence(): string {
  const bits = EVENT_FIELDS.map((field) => `  ${field.name}: ${field.bit},`).join('\n');
  return [
    GENERATED_NOTICE,
    `/** The presence bit of each field. */\nexport const PRESENCE_BIT = {\n${bits}\n} as const;`,
    presenceFunctions(),
    '',
  ].join('\n\n');
}
