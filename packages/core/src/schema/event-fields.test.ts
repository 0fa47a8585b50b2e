import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { test } from 'node:test';

import { requireTool, skipTest, type SkippableTest } from '@sockflow/test-support';

import { ACCESSORS } from './accessors.ts';
import { CbFlag } from './cb-flag.ts';
import { CONTEXT_KEYS, REQUIRED_CONTEXT_KEYS } from './context-keys.ts';
import { EVENT_FIELDS } from './event-fields.ts';
import type { FieldSpec } from './field-spec.ts';
import { CLOCK_ANCHOR_FIELDS, LOSS_MARKER_FIELDS, RTT_SUMMARY_FIELDS } from './kind-fields.ts';
import { Op } from './op.ts';
import { PRESENCE_RULE } from './presence-rule.ts';
import { TcpState } from './tcp-state.ts';

const KERNEL_BTF = '/sys/kernel/btf/vmlinux';
const WIDTHS_BITS: Readonly<Record<string, number>> = {
  u8: 8,
  u16: 16,
  u32: 32,
  u64: 64,
  u32x4: 128,
  u32x23: 736,
  char16: 128,
};
/** Bytes that are no field: the ring's header, the kind, the presence word. */
const RESERVED_BYTES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 56, 57, 58, 59, 60, 61, 62, 63];
/** Fields that a filter reads: they lie in the first cache line. */
const FILTERED = [
  'op',
  'bpf_sock_ops_cb_flags',
  'state',
  'skb_tcp_flags',
  'ecn_flags',
  'family',
  'is_fullsock',
  'ts_boot_ns',
  'cookie',
  'netns_cookie',
  'remote_port',
  'local_port',
  'lane_key',
  'remote_ip4',
  'local_ip4',
];

/** Every member of `struct bpf_sock_ops` but `reply`, which overlays args, and the pointers, as of Linux 6.18. */
const KERNEL_MEMBERS =
  `op args family remote_ip4 local_ip4 remote_ip6 local_ip6 remote_port local_port is_fullsock snd_cwnd srtt_us
  bpf_sock_ops_cb_flags state rtt_min snd_ssthresh rcv_nxt snd_nxt snd_una mss_cache ecn_flags rate_delivered rate_interval_us
  packets_out retrans_out total_retrans segs_in data_segs_in segs_out data_segs_out lost_out sacked_out sk_txhash bytes_received
  bytes_acked skb_len skb_tcp_flags skb_hwtstamp`.split(/\s+/);
/** What stands for them instead: owner, cgroup and error for `sk`, the captured header for the skb's bytes. */
const NOT_KEPT = ['reply', 'replylong', 'sk', 'skb_data', 'skb_data_end'];

function bitsOf(field: { offset: number; type: string; bits?: FieldSpec['bits'] }): number[] {
  const start = field.offset * 8 + (field.bits?.shift ?? 0);
  const width = field.bits?.width ?? WIDTHS_BITS[field.type];
  assert.ok(width !== undefined, field.type);
  return Array.from({ length: width }, (_, index) => start + index);
}

function assertNoOverlap(
  fields: readonly { name: string; offset: number; type: string }[],
  taken: Map<number, string>,
): void {
  for (const field of fields) {
    for (const bit of bitsOf(field)) {
      assert.equal(taken.get(bit), undefined, `${field.name} and ${taken.get(bit)}`);
      taken.set(bit, field.name);
    }
  }
}

function reserved(): Map<number, string> {
  const bits = RESERVED_BYTES.flatMap((byte) => bitsOf({ offset: byte, type: 'u8' }));
  return new Map(bits.map((bit) => [bit, 'reserved']));
}

test('no two fields share a bit, and none of the 256 bytes is left over', () => {
  const taken = reserved();
  const inSlot = EVENT_FIELDS.filter((field) => field.presence !== 'header');
  assertNoOverlap(inSlot, taken);
  assert.equal(taken.size, 256 * 8);
  assert.ok([...taken.keys()].every((bit) => bit < 256 * 8));
});

test('fields of the framework’s own kinds lie between byte 144 and the end, without overlap', () => {
  for (const fields of [RTT_SUMMARY_FIELDS, LOSS_MARKER_FIELDS, CLOCK_ANCHOR_FIELDS]) {
    assertNoOverlap(fields, new Map());
    for (const field of fields) {
      const bits = bitsOf(field);
      assert.ok(bits[0]! >= 144 * 8 && bits.at(-1)! < 256 * 8, field.name);
      assert.equal(field.offset % (field.type === 'u64' ? 8 : 4), 0, field.name);
    }
  }
});

test('each field lies at a multiple of its width', () => {
  const alignments: Readonly<Record<string, number>> = { u16: 2, u32: 4, u64: 8, u32x4: 4 };
  for (const field of EVENT_FIELDS) {
    assert.equal(field.offset % (alignments[field.type] ?? 1), 0, field.name);
  }
});

test('what a filter reads lies in the first cache line', () => {
  // E7
  for (const name of FILTERED) {
    const field = EVENT_FIELDS.find((candidate) => candidate.name === name);
    assert.ok(field !== undefined && field.offset < 64, name);
  }
});

test('presence bits number the fields, each once', () => {
  // E5
  assert.deepEqual(
    EVENT_FIELDS.map((field) => field.bit),
    EVENT_FIELDS.map((_, index) => index),
  );
  assert.ok(EVENT_FIELDS.length <= 64);
  assert.equal(new Set(EVENT_FIELDS.map((field) => field.name)).size, EVENT_FIELDS.length);
});

test('each presence class has a rule and each rule a field', () => {
  const used = new Set(EVENT_FIELDS.map((field) => field.presence));
  assert.deepEqual([...used].toSorted(), Object.keys(PRESENCE_RULE).toSorted());
});

test('a raw event has a key for every field but the lane key', () => {
  const names = EVENT_FIELDS.map((field) => field.name).filter((name) => name !== 'lane_key');
  assert.deepEqual([...CONTEXT_KEYS].toSorted(), names.toSorted());
  for (const key of REQUIRED_CONTEXT_KEYS) assert.ok(CONTEXT_KEYS.includes(key), key);
});

test('views offer every field, by accessors of distinct names', () => {
  const names = ACCESSORS.map((accessor) => accessor.name);
  assert.equal(new Set(names).size, names.length);
  const offered = new Set(ACCESSORS.map((accessor) => accessor.field));
  const unguarded = ACCESSORS.filter((accessor) => accessor.field === undefined);
  for (const field of EVENT_FIELDS) {
    const isAddress = /_ip[46]$/.test(field.name);
    const isRead = unguarded.some(
      ({ read }) => 'offset' in read && read.offset === field.offset - (field.offset % 4),
    );
    const isReadAsPort = field.name === 'remote_port';
    assert.ok(offered.has(field.name) || isAddress || isRead || isReadAsPort, field.name);
  }
});

test('every member of struct bpf_sock_ops is a field', () => {
  const kernel = EVENT_FIELDS.filter((field) => field.from === 'kernel').map((field) => field.name);
  assert.deepEqual(kernel.toSorted(), KERNEL_MEMBERS.toSorted());
});

/** C declarations of the running kernel's types; `undefined` after a skip. */
function kernelTypes(t: SkippableTest): string | undefined {
  if (!requireTool(t, 'bpftool', ['version'])) return undefined;
  try {
    accessSync(KERNEL_BTF, constants.R_OK);
  } catch {
    skipTest(t, `needs the kernel's BTF in ${KERNEL_BTF}`);
    return undefined;
  }
  const args = ['btf', 'dump', 'file', KERNEL_BTF, 'format', 'c'];
  return execFileSync('bpftool', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** Values of the enumerators whose names begin with `prefix`. */
function enumerators(types: string, prefix: string): Map<string, number> {
  const found = types.matchAll(new RegExp(`\\b${prefix}(\\w+) = (\\d+)`, 'g'));
  return new Map([...found].map(([, name, value]) => [name!, Number(value)]));
}

test('the running kernel’s context, ops, flags and states are those of the schema', (t) => {
  const types = kernelTypes(t);
  if (types === undefined) return;
  const body = /struct bpf_sock_ops \{([^]*?)\n\};/.exec(types)?.[1] ?? '';
  const members = [...body.matchAll(/(\w+)(?:\[\d+\])?;/g)].map(([, name]) => name!);
  const known = new Set([...KERNEL_MEMBERS, ...NOT_KEPT]);
  assert.ok(members.length > 30);
  assert.deepEqual(
    members.filter((name) => !known.has(name)),
    [],
  );

  // An older kernel lacks the last ones; one that knows more than the schema is what this test is for.
  const sockOps = enumerators(types, 'BPF_SOCK_OPS_');
  const ops = new Map<string, number>(Object.entries(Op));
  const flags = new Map(Object.entries(CbFlag).map(([name, bit]) => [`${name}_CB_FLAG`, bit]));
  const beside = new Set(['ALL_CB_FLAGS']);
  assert.ok(sockOps.size > 20);
  for (const [name, value] of sockOps) {
    if (!beside.has(name)) assert.equal(ops.get(name) ?? flags.get(name), value, name);
  }
  const states = new Map<string, number>(Object.entries(TcpState));
  const kernelStates = enumerators(types, 'BPF_TCP_');
  for (const [name, value] of kernelStates) {
    if (name !== 'MAX_STATES') assert.equal(states.get(name), value, name);
  }
  assert.ok(kernelStates.size > 10);
});
