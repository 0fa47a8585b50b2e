import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { requireTool, skipTest, useTempDir } from '@sockflow/test-support';
import * as fc from 'fast-check';

import { EVENT_FIELDS } from './event-fields.ts';
import { stampPresence } from './generated/presence.ts';
import { CLOCK_ANCHOR_FIELDS, LOSS_MARKER_FIELDS, RTT_SUMMARY_FIELDS } from './kind-fields.ts';
import { laneKey } from './lane-key.ts';

const INCLUDE_DIR = fileURLToPath(new URL('../../include', import.meta.url));
const KERNEL_BTF = '/sys/kernel/btf/vmlinux';
/** The header includes nothing itself: a program brings its own integer types. */
const TYPES =
  'typedef unsigned char __u8; typedef unsigned short __u16; typedef unsigned int __u32; typedef unsigned long long __u64;';
const STRICT = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Wpedantic', '-Werror', `-I${INCLUDE_DIR}`];
const SIZES: Readonly<Record<string, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  u32x4: 16,
  u32x23: 92,
  char16: 16,
};

interface Place {
  readonly offset: number;
  readonly bytes: number;
}
type Places = Readonly<Record<string, Place>>;

function placesOf(fields: readonly { name: string; offset: number; type: string }[]): Places {
  return Object.fromEntries(
    fields.map(({ name, offset, type }) => [name, { offset, bytes: SIZES[type]! }]),
  );
}

const WHOLE_BYTES = EVENT_FIELDS.filter((field) => field.type !== 'bits' && field.offset < 256);
/** What each struct of the header must hold, by the TypeScript tables. */
const STRUCTS: Readonly<Record<string, Places>> = {
  sockflow_event: placesOf([
    ...WHOLE_BYTES,
    { name: 'header_length', offset: 0, type: 'u32' },
    { name: 'header_page', offset: 4, type: 'u32' },
    { name: 'kind', offset: 8, type: 'u8' },
    { name: 'bits', offset: 15, type: 'u8' },
    { name: 'presence', offset: 56, type: 'u64' },
  ]),
  sockflow_rtt_summary: placesOf(RTT_SUMMARY_FIELDS),
  sockflow_loss_marker: placesOf(LOSS_MARKER_FIELDS),
  sockflow_clock_anchor: placesOf(CLOCK_ANCHOR_FIELDS),
};

function source(body: string): string {
  return `${TYPES}\n#include "sockflow_event.h"\n${body}\n`;
}

/** Prints offset and size of every member that the TypeScript tables name, as JSON. */
function printingProgram(): string {
  const lines = Object.entries(STRUCTS).flatMap(([struct, places]) =>
    Object.keys(places).map(
      (name) =>
        `printf("%s\\"${struct}.${name}\\":{\\"offset\\":%zu,\\"bytes\\":%zu}", comma, offsetof(struct ${struct}, ${name}), sizeof(((struct ${struct} *)0)->${name})); comma = ",";`,
    ),
  );
  const sizes = Object.keys(STRUCTS).map(
    (struct) =>
      `printf(",\\"${struct}\\":{\\"offset\\":0,\\"bytes\\":%zu}", sizeof(struct ${struct}));`,
  );
  return `#include <stddef.h>\n#include <stdio.h>\n${source(
    `int main(void) {\nconst char *comma = "";\nprintf("{");\n${[...lines, ...sizes].join('\n')}\nprintf("}");\nreturn 0;\n}`,
  )}`;
}

function expectedPlaces(): Places {
  const members = Object.entries(STRUCTS).flatMap(([struct, places]) =>
    Object.entries(places).map(([name, place]) => [`${struct}.${name}`, place] as const),
  );
  const sizes = Object.keys(STRUCTS).map((struct) => [struct, { offset: 0, bytes: 256 }] as const);
  return Object.fromEntries([...members, ...sizes]);
}

function compile(compiler: string, dir: string, code: string, args: readonly string[]): string {
  const input = join(dir, `${compiler}.c`);
  const output = join(dir, `${compiler}.out`);
  writeFileSync(input, code);
  execFileSync(compiler, [...args, input, '-o', output], { stdio: ['ignore', 'pipe', 'inherit'] });
  return output;
}

for (const compiler of ['gcc', 'clang']) {
  test(`${compiler} lays out every member of the header as the schema's tables say`, (t) => {
    if (!requireTool(t, compiler)) return;
    const program = compile(compiler, useTempDir(t), printingProgram(), STRICT);
    const places = JSON.parse(execFileSync(program, { encoding: 'utf8' })) as Places;
    assert.deepEqual(places, expectedPlaces());
  });
}

interface BtfMember {
  readonly name: string;
  readonly type_id: number;
  readonly bits_offset: number;
}
interface BtfType {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly size?: number;
  readonly type_id?: number;
  readonly nr_elems?: number;
  readonly members?: readonly BtfMember[];
}

/** Bytes of a BTF type: names lead to what they name, arrays to their elements. */
function btfBytes(types: ReadonlyMap<number, BtfType>, id: number): number {
  const type = types.get(id);
  assert.ok(type !== undefined);
  if (type.kind === 'ARRAY') return type.nr_elems! * btfBytes(types, type.type_id!);
  return type.size ?? btfBytes(types, type.type_id!);
}

function btfPlaces(objectPath: string): Places {
  const dump = execFileSync('bpftool', ['-j', 'btf', 'dump', 'file', objectPath], {
    encoding: 'utf8',
  });
  const { types } = JSON.parse(dump) as { types: readonly BtfType[] };
  const byId = new Map(types.map((type) => [type.id, type]));
  const structs = types.filter((type) => type.kind === 'STRUCT' && type.name in STRUCTS);
  const places = structs.flatMap((struct) => [
    [struct.name, { offset: 0, bytes: struct.size! }] as const,
    ...struct.members!.map((member) => {
      const place = { offset: member.bits_offset / 8, bytes: btfBytes(byId, member.type_id) };
      return [`${struct.name}.${member.name}`, place] as const;
    }),
  ]);
  return Object.fromEntries(places);
}

const BPF_ARGS = ['-target', 'bpf', '-g', '-O2', '-Wall', '-Werror', `-I${INCLUDE_DIR}`, '-c'];
/** Unused pointers, so that the compiler writes the structs into the object's BTF; and both functions in use. */
const BPF_PROGRAM = `
${Object.keys(STRUCTS)
  .map((struct) => `const struct ${struct} *unused_${struct} __attribute__((unused));`)
  .join('\n')}
__attribute__((section("sockops"), used)) int program(struct sockflow_event *event)
{
	event->lane_key = sockflow_lane_key(event->cookie);
	event->presence = sockflow_presence(event->kind, event->op, 2, 1, 1, event->owner_pid, 0, event->args[0], event->args[1], 0, 0, ~0ULL);
	return 1;
}`;

test('the BTF of a BPF object has every member where the tables say', (t) => {
  if (!requireTool(t, 'clang') || !requireTool(t, 'bpftool', ['version'])) return;
  const object = compile('clang', useTempDir(t), source(BPF_PROGRAM), BPF_ARGS);
  const places = btfPlaces(object);
  for (const [name, place] of Object.entries(expectedPlaces())) {
    assert.deepEqual(places[name], place, name);
  }
});

test('the header compiles for BPF beside the types of the running kernel', (t) => {
  if (!requireTool(t, 'clang') || !requireTool(t, 'bpftool', ['version'])) return;
  try {
    accessSync(KERNEL_BTF, constants.R_OK);
  } catch {
    skipTest(t, `needs the kernel's BTF in ${KERNEL_BTF}`);
    return;
  }
  const dir = useTempDir(t);
  const types = execFileSync('bpftool', ['btf', 'dump', 'file', KERNEL_BTF, 'format', 'c'], {
    maxBuffer: 1 << 28,
  });
  writeFileSync(join(dir, 'vmlinux.h'), types);
  const code = `#include "vmlinux.h"\n#include "sockflow_event.h"\n${BPF_PROGRAM}\n`;
  assert.ok(compile('clang', dir, code, [...BPF_ARGS, `-I${dir}`]).length > 0);
});

const VECTOR_PROGRAM = `#include <stdio.h>
${source(`int main(void)
{
	__u32 v[11];
	__u64 captured, cookie;

	while (scanf("%u %u %u %u %u %u %u %u %u %u %u %llu %llu", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7],
		     &v[8], &v[9], &v[10], &captured, &cookie) == 13)
		printf("%llu %u\\n", sockflow_presence(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], captured),
		       sockflow_lane_key(cookie));
	return 0;
}`)}`;

interface Vector {
  readonly kind: number;
  readonly op: number;
  readonly family: number;
  readonly isFullsock: number;
  readonly role: number;
  readonly ownerPid: number;
  readonly hasSkb: number;
  readonly arg0: number;
  readonly arg1: number;
  readonly hwtstamp: bigint;
  readonly headerLength: number;
  readonly captured: bigint;
  readonly cookie: bigint;
}

const U64 = fc.bigInt({ min: 0n, max: 0xffffffffffffffffn });
const ARG = fc.oneof(fc.constantFrom(0, 1, 2), fc.integer({ min: 0, max: 0xffffffff }));
const VECTOR: fc.Arbitrary<Vector> = fc.record({
  kind: fc.integer({ min: 1, max: 5 }),
  op: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 22 }) },
    fc.integer({ min: 0, max: 255 }),
  ),
  family: fc.constantFrom(0, 2, 10, 15),
  isFullsock: fc.integer({ min: 0, max: 1 }),
  role: fc.integer({ min: 0, max: 3 }),
  ownerPid: ARG,
  hasSkb: fc.integer({ min: 0, max: 1 }),
  arg0: ARG,
  arg1: ARG,
  hwtstamp: fc.oneof(fc.constantFrom(0n, 1n, 1n << 32n), U64),
  headerLength: fc.integer({ min: 0, max: 60 }),
  captured: fc.oneof(fc.constant(0xffffffffffffffffn), U64),
  cookie: U64,
});

function low(value: bigint): number {
  return Number(BigInt.asUintN(32, value));
}

function high(value: bigint): number {
  return Number(value >> 32n);
}

/** What TypeScript makes of a vector: the slot filled in, then stamped. */
function presenceOf(vector: Vector): bigint {
  const m = new Uint32Array(80);
  m[0] = vector.headerLength === 0 ? 248 : 312;
  m[2] = vector.kind | (vector.op << 8);
  m[3] =
    (vector.family << 24) | (vector.isFullsock << 28) | (vector.role << 29) | (vector.hasSkb << 31);
  m[24] = vector.arg0;
  m[25] = vector.arg1;
  m[30] = vector.ownerPid;
  m[40] = low(vector.hwtstamp);
  m[41] = high(vector.hwtstamp);
  m[64] = vector.headerLength === 0 ? 0 : 1 | (vector.headerLength << 16);
  stampPresence(m, 0, low(vector.captured), high(vector.captured));
  return (BigInt(m[15]!) << 32n) | BigInt(m[14]!);
}

function vectorLine(vector: Vector): string {
  const { kind, op, family, isFullsock, role, ownerPid, hasSkb, arg0, arg1 } = vector;
  const numbers = [kind, op, family, isFullsock, role, ownerPid, hasSkb, arg0, arg1];
  const isStamped = vector.hwtstamp === 0n ? 0 : 1;
  return [...numbers, isStamped, vector.headerLength, vector.captured, vector.cookie].join(' ');
}

test('C and TypeScript agree on presence and lane key of any event', (t) => {
  if (!requireTool(t, 'gcc')) return;
  const program = compile('gcc', useTempDir(t), VECTOR_PROGRAM, STRICT);
  const vectors = fc.sample(VECTOR, 20_000);
  const output = execFileSync(program, {
    input: vectors.map(vectorLine).join('\n'),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const lines = output.trimEnd().split('\n');
  assert.equal(lines.length, vectors.length);
  for (const [index, vector] of vectors.entries()) {
    const key = laneKey(low(vector.cookie), high(vector.cookie));
    assert.equal(lines[index], `${presenceOf(vector)} ${key}`, vectorLine(vector));
  }
});
