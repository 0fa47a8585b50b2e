import type { FieldSpec, FieldType, PresenceClass } from './field-spec.ts';

/*
 * The record of an op event: the source of truth for the C header, the views, the docs and every schema.
 *
 * Byte budget of the 256-byte slot. Values lie as the kernel gave them, reversibly narrowed.
 *
 *   line 1, bytes 0-63: all that a filter needs
 *     0  u32  ring header: length, BUSY bit 31, DISCARD bit 30     4  u32  ring header: page offset, ignored
 *     8  u8   kind           9  u8   op          10  u8  cb flags      11  u8  state
 *    12  u16  skb_tcp_flags 14  u8   ecn_flags   15  u8  family (0-3), is_fullsock (4), owner_role (5-6), has_skb (7)
 *    16  u64  ts_boot_ns    24  u64  cookie      32  u64 netns_cookie
 *    40  u16  remote_port, network order         42  u16 local_port, host order       44  u32  lane_key
 *    48  u32  remote_ip4    52  u32  local_ip4   56  u64 presence
 *   line 2, bytes 64-127
 *    64  16   remote_ip6    80  16   local_ip6   96  16  args (reply overlays args[0])
 *   112  u64  cgroup_id    120  u32  owner_pid  124  u16 cpu         126  u16  sk_err
 *   lines 3-4, bytes 128-255
 *   128  16   owner_comm   144  u64  bytes_received     152  u64  bytes_acked     160  u64  skb_hwtstamp
 *   168  21 x u32: snd_cwnd ... skb_len                 252  u32  tskey
 *   from 256, in slots of 320 and more: sections (u16 tag, u16 length, bytes padded to 4); tag 1 = the TCP header as captured
 *
 * Invariants, in words and with what follows from them in docs/specs/record-layout.md
 *   E1  A field lies as the kernel's context gave it: no byte swap, no shift, no unit.
 *   E2  What is narrower here than in the context loses nothing; a value that does not fit is refused, never masked.
 *   E3  A presence bit is set exactly where the field means something by presence-rule.ts and was captured.
 *   E4  The bytes of a field without its bit mean nothing: readers look at the bit first, copies keep them.
 *   E5  Offsets and bits never change their meaning; what later kernels add comes in sections and new bits.
 *   E6  lane_key is the hash of cookie.
 *   E7  All that a filter reads lies in line 1.
 *
 * Narrowed: op, cb flags, state, ecn_flags u32 -> u8; skb_tcp_flags u32 -> u16; family u32 -> 4 bits; is_fullsock u32 -> 1 bit;
 * remote_port u32 -> its upper half; local_port u32 -> u16; sk_err u32 -> u16; cpu u32 -> u16.
 */

let nextBit = 0;

function field(
  name: string,
  offset: number,
  type: FieldType,
  presence: PresenceClass,
  since: string,
  doc: string,
  more: Partial<Pick<FieldSpec, 'from' | 'narrowed' | 'bits'>> = {},
): FieldSpec {
  const { from = 'kernel', ...rest } = more;
  return { name, offset, type, from, presence, bit: nextBit++, since, doc, ...rest };
}

/** Fields in the order of their presence bits. Bits are part of the format: append, never insert. */
// oxfmt-ignore
export const EVENT_FIELDS: readonly FieldSpec[] = [
  field('op', 9, 'u8', 'always', '4.13', 'the operator, Op', { narrowed: 'u32' }),
  field('bpf_sock_ops_cb_flags', 10, 'u8', 'tcp', '4.16', 'callback flags requested on the socket, CbFlag', { narrowed: 'u32' }),
  field('state', 11, 'u8', 'always', '4.16', 'TCP state, TcpState; in STATE_CB still the old one', { narrowed: 'u32' }),
  field('skb_tcp_flags', 12, 'u16', 'tcpFlags', '5.10', 'flags of the segment, TcpFlag', { narrowed: 'u32' }),
  field('ecn_flags', 14, 'u8', 'tcp', '4.16', 'ECN state of the socket, EcnFlag', { narrowed: 'u32' }),
  field('family', 15, 'bits', 'always', '4.13', 'address family, Family', { narrowed: 'u32', bits: { shift: 0, width: 4 } }),
  field('is_fullsock', 15, 'bits', 'always', '4.16', '0 for request sockets: no TCP metrics then', { narrowed: 'u32', bits: { shift: 4, width: 1 } }),
  field('owner_role', 15, 'bits', 'role', '5.4', 'Role: which end called connect or listen; 0 not known', { from: 'observer', bits: { shift: 5, width: 2 } }),
  field('has_skb', 15, 'bits', 'always', '5.10', 'whether skb_data held a TCP header', { from: 'observer', bits: { shift: 7, width: 1 } }),
  field('ts_boot_ns', 16, 'u64', 'always', '5.8', 'ns since boot, suspend included (bpf_ktime_get_boot_ns)', { from: 'observer' }),
  field('cookie', 24, 'u64', 'always', '4.19', 'socket cookie: unique per host and boot, not ordered', { from: 'observer' }),
  field('netns_cookie', 32, 'u64', 'always', '5.15', 'network namespace cookie', { from: 'observer' }),
  field('remote_port', 40, 'u16', 'always', '4.13', 'remote port, network byte order', { narrowed: 'upper half of u32' }),
  field('local_port', 42, 'u16', 'always', '4.13', 'local port, host byte order', { narrowed: 'u32' }),
  field('lane_key', 44, 'u32', 'always', '4.13', 'hash of the cookie: bits 0-5 choose the lane, 8-31 the sample', { from: 'observer' }),
  field('remote_ip4', 48, 'u32', 'ip4', '4.13', 'remote IPv4 address, network byte order'),
  field('local_ip4', 52, 'u32', 'ip4', '4.13', 'local IPv4 address, network byte order'),
  field('remote_ip6', 64, 'u32x4', 'ip6', '4.13', 'remote IPv6 address, network byte order; v4-mapped for the server end of an AF_INET client'),
  field('local_ip6', 80, 'u32x4', 'ip6', '4.13', 'local IPv6 address, network byte order'),
  field('args', 96, 'u32x4', 'args', '4.16', 'arguments of the op; the context overlays reply with args[0]'),
  field('cgroup_id', 112, 'u64', 'fullsock', '5.9', 'cgroup v2 id of the socket', { from: 'observer' }),
  field('owner_pid', 120, 'u32', 'owner', '5.4', 'process that called connect or listen; accepted sockets have the listener\'s', { from: 'observer' }),
  field('cpu', 124, 'u16', 'always', '4.13', 'CPU that ran the program', { from: 'observer', narrowed: 'u32' }),
  field('sk_err', 126, 'u16', 'fullsock', '5.9', 'pending errno of the socket, 0 none', { from: 'observer', narrowed: 'u32' }),
  field('owner_comm', 128, 'char16', 'owner', '5.4', 'command name of owner_pid, zero-padded', { from: 'observer' }),
  field('bytes_received', 144, 'u64', 'tcp', '4.16', 'bytes received; counts the FIN'),
  field('bytes_acked', 152, 'u64', 'tcp', '4.16', 'bytes acknowledged; counts SYN and FIN'),
  field('skb_hwtstamp', 160, 'u64', 'hwtstamp', '6.2', 'hardware time stamp of the segment, ns'),
  field('snd_cwnd', 168, 'u32', 'tcp', '4.16', 'congestion window, packets'),
  field('srtt_us', 172, 'u32', 'tcp', '4.16', 'smoothed RTT, us << 3; 0 before the first sample'),
  field('rtt_min', 176, 'u32', 'tcp', '4.16', 'minimum RTT, us; 0xffffffff before the first sample'),
  field('snd_ssthresh', 180, 'u32', 'tcp', '4.16', 'slow start threshold, packets; 0x7fffffff is none'),
  field('rcv_nxt', 184, 'u32', 'tcp', '4.16', 'next sequence number expected'),
  field('snd_nxt', 188, 'u32', 'tcp', '4.16', 'next sequence number to send'),
  field('snd_una', 192, 'u32', 'tcp', '4.16', 'first unacknowledged sequence number'),
  field('mss_cache', 196, 'u32', 'tcp', '4.16', 'cached effective MSS, bytes'),
  field('rate_delivered', 200, 'u32', 'tcp', '4.16', 'packets delivered in the rate sample'),
  field('rate_interval_us', 204, 'u32', 'tcp', '4.16', 'length of the rate sample, us'),
  field('packets_out', 208, 'u32', 'tcp', '4.16', 'packets in flight'),
  field('retrans_out', 212, 'u32', 'tcp', '4.16', 'retransmitted packets in flight'),
  field('total_retrans', 216, 'u32', 'tcp', '4.16', 'retransmits in the connection\'s life; wraps'),
  field('segs_in', 220, 'u32', 'tcp', '4.16', 'segments received; wraps'),
  field('data_segs_in', 224, 'u32', 'tcp', '4.16', 'segments with data received; wraps'),
  field('segs_out', 228, 'u32', 'tcp', '4.16', 'segments sent; wraps'),
  field('data_segs_out', 232, 'u32', 'tcp', '4.16', 'segments with data sent; wraps'),
  field('lost_out', 236, 'u32', 'tcp', '4.16', 'packets thought lost'),
  field('sacked_out', 240, 'u32', 'tcp', '4.16', 'packets selectively acknowledged'),
  field('sk_txhash', 244, 'u32', 'tcp', '4.16', 'hash of the transmit path'),
  field('skb_len', 248, 'u32', 'skb', '5.10', 'length of the segment, bytes'),
  field('tskey', 252, 'u32', 'tskey', '6.15', 'key of the sendmsg that ops 16-20 belong to', { from: 'observer' }),
  field('tcp_header', 256, 'char16', 'header', '5.10', 'section 1: the TCP header as captured, at most 60 bytes', { from: 'observer' }),
];
