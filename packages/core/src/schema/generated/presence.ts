/* Generated from packages/core/src/schema by `pnpm generate`: change the tables there. */

/** The presence bit of each field. */
export const PRESENCE_BIT = {
  op: 0,
  bpf_sock_ops_cb_flags: 1,
  state: 2,
  skb_tcp_flags: 3,
  ecn_flags: 4,
  family: 5,
  is_fullsock: 6,
  owner_role: 7,
  has_skb: 8,
  ts_boot_ns: 9,
  cookie: 10,
  netns_cookie: 11,
  remote_port: 12,
  local_port: 13,
  lane_key: 14,
  remote_ip4: 15,
  local_ip4: 16,
  remote_ip6: 17,
  local_ip6: 18,
  args: 19,
  cgroup_id: 20,
  owner_pid: 21,
  cpu: 22,
  sk_err: 23,
  owner_comm: 24,
  bytes_received: 25,
  bytes_acked: 26,
  skb_hwtstamp: 27,
  snd_cwnd: 28,
  srtt_us: 29,
  rtt_min: 30,
  snd_ssthresh: 31,
  rcv_nxt: 32,
  snd_nxt: 33,
  snd_una: 34,
  mss_cache: 35,
  rate_delivered: 36,
  rate_interval_us: 37,
  packets_out: 38,
  retrans_out: 39,
  total_retrans: 40,
  segs_in: 41,
  data_segs_in: 42,
  segs_out: 43,
  data_segs_out: 44,
  lost_out: 45,
  sacked_out: 46,
  sk_txhash: 47,
  skb_len: 48,
  tskey: 49,
  tcp_header: 50,
} as const;

/**
 * Which fields of the slot at word index `w` mean something by the rule, all fields filled, as the two halves of a presence word at `index` of `target`.
 */
export function presenceInto(m: Uint32Array, w: number, target: Uint32Array, index: number): void {
  const kind = m[w + 2]! & 0xff;
  const op = (m[w + 2]! >>> 8) & 0xff;
  const family = (m[w + 3]! >>> 24) & 15;
  const is_fullsock = (m[w + 3]! >>> 28) & 1;
  const role = (m[w + 3]! >>> 29) & 3;
  const owner_pid = m[w + 30]!;
  const has_skb = m[w + 3]! >>> 31;
  const arg0 = m[w + 24]!;
  const arg1 = m[w + 25]!;
  const hwtstamp_set = (m[w + 40]! | m[w + 41]!) === 0 ? 0 : 1;
  const header_length = (m[w]! & 0x3fffffff) > 248 && (m[w + 64]! & 0xffff) === 1 ? m[w + 64]! >>> 16 : 0;
  if (kind === 4 || kind === 5) {
    target[index] = 0x400200;
    target[index + 1] = 0x0;
    return;
  }
  // What an RTT summary lays over the metrics has no bits of its own: the kind says it is there.
  const hasMetrics = kind !== 2;
  let low = 0x407f65;
  let high = 0x0;
  if (family === 2) {
    low |= 0x18000;
  }
  if (family === 10) {
    low |= 0x60000;
  }
  if (hasMetrics && (op === 8 || op === 9 || op === 10 || op === 14 || op === 15 || op > 20 || (op === 12 && (arg0 !== 0 || arg1 !== 0)))) {
    low |= 0x80000;
  }
  if (is_fullsock === 1) {
    low |= 0x900000;
  }
  if (hasMetrics && (is_fullsock === 1 && (op < 16 || op > 20))) {
    low |= 0xf6000012;
    high |= 0xffff;
  }
  if (hasMetrics && (((op === 4 || op === 5 || op === 13 || op === 15 || op > 20) && has_skb === 1) || (op === 14 && arg0 !== 1) || (op >= 16 && op <= 20))) {
    high |= 0x10000;
  }
  if (hasMetrics && (((op === 4 || op === 5 || op === 13 || op === 15 || op > 20) && has_skb === 1) || (op === 14 && arg0 !== 1) || op === 19 || op === 20)) {
    low |= 0x8;
  }
  if (hasMetrics && (hwtstamp_set === 1)) {
    low |= 0x8000000;
  }
  if (owner_pid !== 0) {
    low |= 0x1200000;
  }
  if (role !== 0) {
    low |= 0x80;
  }
  if (hasMetrics && (op >= 16 && op <= 20)) {
    high |= 0x20000;
  }
  if (hasMetrics && (header_length !== 0)) {
    high |= 0x40000;
  }
  target[index] = low;
  target[index + 1] = high;
}

/**
 * Writes the presence word of the slot at word index `w`, all other fields filled: what means something by the rule, masked with what the loader
 * could read at all (`captured`, two halves).
 */
export function stampPresence(m: Uint32Array, w: number, capturedLow: number, capturedHigh: number): void {
  presenceInto(m, w, m, w + 14);
  m[w + 14]! &= capturedLow;
  m[w + 15]! &= capturedHigh;
}

