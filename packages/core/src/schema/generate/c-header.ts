import { CbFlag } from '../cb-flag.ts';
import { EVENT_FIELDS } from '../event-fields.ts';
import type { FieldSpec } from '../field-spec.ts';
import { CLOCK_ANCHOR_FIELDS, LOSS_MARKER_FIELDS, RTT_SUMMARY_FIELDS } from '../kind-fields.ts';
import type { KindFieldSpec } from '../kind-fields.ts';
import { Kind } from '../kind.ts';
import { Op } from '../op.ts';
import { PRESENCE_RULE, RTT_SUMMARY_CLASSES } from '../presence-rule.ts';
import { GENERATED_NOTICE } from './notice.ts';
import { PRESENCE_CLASSES, classMask, markerMask } from './presence.ts';
import { RING_WORDS } from './ring-words.ts';

const C_TYPES: Readonly<Record<string, string>> = {
  u8: '__u8 NAME',
  u16: '__u16 NAME',
  u32: '__u32 NAME',
  u64: '__u64 NAME',
  u32x4: '__u32 NAME[4]',
  u32x23: '__u32 NAME[23]',
  char16: 'char NAME[16]',
};
const WIDTHS: Readonly<Record<string, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  u32x4: 16,
  u32x23: 92,
  char16: 16,
};

interface Member {
  readonly name: string;
  readonly offset: number;
  readonly type: string;
  readonly doc: string;
}

function eventMembers(): Member[] {
  const own = EVENT_FIELDS.filter(
    (field) => field.type !== 'bits' && field.name !== 'tcp_header',
  ).map((field: FieldSpec): Member => ({
    name: field.name,
    offset: field.offset,
    type: field.type,
    doc: field.doc,
  }));
  return [...RING_WORDS, ...own].toSorted((a, b) => a.offset - b.offset);
}

/** Members of a kind that overlays: those of line 1 and the owner, then its own. */
function overlayMembers(fields: readonly KindFieldSpec[]): Member[] {
  return [...eventMembers().filter((member) => member.offset < 144), ...fields];
}

function struct(name: string, doc: string, members: readonly Member[], totalBytes: number): string {
  const lines: string[] = [];
  let at = 0;
  let pads = 0;
  const pad = (until: number): void => {
    if (until > at) lines.push(`\t__u8 reserved_${pads++}[${until - at}];`);
    at = until;
  };
  for (const member of members) {
    pad(member.offset);
    const declaration = C_TYPES[member.type]!.replace('NAME', member.name);
    lines.push(
      `\t${declaration};`.padEnd(36) + `/* ${String(member.offset).padStart(3)}  ${member.doc} */`,
    );
    at += WIDTHS[member.type]!;
  }
  pad(totalBytes);
  const asserts = members.map(
    (member) => `SOCKFLOW_AT(${name}, ${member.name}, ${member.offset}, ${WIDTHS[member.type]!});`,
  );
  return `/* ${doc} */\nstruct ${name} {\n${lines.join('\n')}\n};\n_Static_assert(sizeof(struct ${name}) == ${totalBytes}, "struct ${name} is ${totalBytes} bytes");\n${asserts.join('\n')}`;
}

function defines(prefix: string, values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `#define ${prefix}${name} ${value}`)
    .join('\n');
}

function presenceFunction(): string {
  const lines = PRESENCE_CLASSES.filter((presence) => presence !== 'always').map((presence) => {
    const rule = PRESENCE_RULE[presence];
    const condition = RTT_SUMMARY_CLASSES.includes(presence) ? rule : `has_metrics && (${rule})`;
    return `\tif (${condition})\n\t\tbits |= 0x${classMask(presence).toString(16)}ULL;`;
  });
  return `/* Which fields of a slot mean something: the rule of presence-rule.ts. \`captured\` masks what the loader could read. */
static inline __attribute__((always_inline)) __u64
sockflow_presence(__u32 kind, __u32 op, __u32 family, __u32 is_fullsock, __u32 role, __u32 owner_pid, __u32 has_skb,
\t\t  __u32 arg0, __u32 arg1, __u32 hwtstamp_set, __u32 header_length, __u64 captured)
{
\tint has_metrics = kind != ${Kind.RTT_SUMMARY};
\t__u64 bits = 0x${classMask('always').toString(16)}ULL;

\tif (kind == ${Kind.LOSS_MARKER} || kind == ${Kind.CLOCK_ANCHOR})
\t\treturn 0x${markerMask().toString(16)}ULL & captured;
${lines.join('\n')}
\treturn bits & captured;
}`;
}

const LANE_KEY_FUNCTION = `/* The hash of a socket cookie: bits 0-5 choose the lane, 8-31 the sample. The same as laneKey() in lane-key.ts. */
static inline __attribute__((always_inline)) __u32 sockflow_lane_key(__u64 cookie)
{
\t__u32 hash = (__u32)cookie ^ ((__u32)(cookie >> 32) * 0x9e3779b1U);

\thash = (hash ^ (hash >> 16)) * 0x85ebca6bU;
\thash = (hash ^ (hash >> 13)) * 0xc2b2ae35U;
\treturn hash ^ (hash >> 16);
}`;

/** The C header that a BPF program or a C reader includes after it has __u8 ... __u64 and _Static_assert. */
export function generateCHeader(): string {
  const bitFields = EVENT_FIELDS.filter((field) => field.bits !== undefined)
    .map(
      (field) =>
        `#define SOCKFLOW_${field.name.toUpperCase()}_SHIFT ${field.bits!.shift}\n#define SOCKFLOW_${field.name.toUpperCase()}_MASK ${2 ** field.bits!.width - 1}`,
    )
    .join('\n');
  const presenceBits = EVENT_FIELDS.map(
    (field) => `#define SOCKFLOW_HAS_${field.name.toUpperCase()} (1ULL << ${field.bit})`,
  ).join('\n');
  return [
    `${GENERATED_NOTICE}\n/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) OR Apache-2.0 */`,
    `#ifndef SOCKFLOW_EVENT_H\n#define SOCKFLOW_EVENT_H\n\n/* Include <linux/types.h> or vmlinux.h first. Little-endian. */`,
    `#define SOCKFLOW_AT(type, member, at, width) \\\n\t_Static_assert(__builtin_offsetof(struct type, member) == (at) && sizeof(((struct type *)0)->member) == (width), #type "." #member " at " #at)`,
    `#define SOCKFLOW_SLOT_BYTES 256\n#define SOCKFLOW_SLOT_WITH_HEADER_BYTES 320\n#define SOCKFLOW_RING_HEADER_BYTES 8\n#define SOCKFLOW_TCP_HEADER_MAX 60\n#define SOCKFLOW_SECTION_TCP_HEADER 1\n#define SOCKFLOW_LANE_BUCKETS 64`,
    defines('SOCKFLOW_KIND_', Kind),
    defines('SOCKFLOW_OP_', Op),
    defines('SOCKFLOW_CB_', CbFlag),
    bitFields,
    presenceBits,
    struct(
      'sockflow_event',
      "One op event or snapshot, the ring buffer's 8-byte header included: a program that reserves ring memory gets it from byte 8.",
      eventMembers(),
      256,
    ),
    struct(
      'sockflow_rtt_summary',
      'RTT samples of one socket, folded.',
      overlayMembers(RTT_SUMMARY_FIELDS),
      256,
    ),
    struct(
      'sockflow_loss_marker',
      'Events that were lost before this place.',
      overlayMembers(LOSS_MARKER_FIELDS),
      256,
    ),
    struct(
      'sockflow_clock_anchor',
      'The clocks at ts_boot_ns.',
      overlayMembers(CLOCK_ANCHOR_FIELDS),
      256,
    ),
    `/* Follows the 256 bytes, n times: a tag, the bytes that follow, the bytes, padding to 4. Tag 0 ends. */\nstruct sockflow_section {\n\t__u16 tag;\n\t__u16 length;\n\t__u8 bytes[];\n};\n_Static_assert(sizeof(struct sockflow_section) == 4, "a section's header is 4 bytes");`,
    presenceFunction(),
    LANE_KEY_FUNCTION,
    '#endif\n',
  ].join('\n\n');
}
