import type { AccessorRead, AccessorSpec, ObjectForm } from './accessor-spec.ts';
import { EVENT_FIELDS } from './event-fields.ts';
import { RTT_BUCKETS } from './kind-fields.ts';
import { Kind } from './kind.ts';
import { Op } from './op.ts';

const FIELD_OFFSETS = new Map(EVENT_FIELDS.map((field) => [field.name, field.offset]));

function offsetOf(fieldName: string): number {
  const offset = FIELD_OFFSETS.get(fieldName);
  if (offset === undefined) throw new Error(`no field ${fieldName}`);
  return offset;
}

/** A part of the word that holds byte `offset`, `widthBits` wide. */
function part(offset: number, widthBits: number, shift = 0): AccessorRead {
  const inWord = (offset % 4) * 8 + shift;
  return { how: 'number', offset: offset - (offset % 4), shift: inWord, mask: 2 ** widthBits - 1 };
}

function u32(
  name: string,
  field: string,
  doc: string,
  read: { shift?: number; none?: number } = {},
): AccessorSpec {
  return {
    name,
    field,
    read: { how: 'number', offset: offsetOf(field), ...read },
    object: 'same',
    doc,
  };
}

function small(
  name: string,
  field: string,
  widthBits: number,
  object: ObjectForm,
  doc: string,
  shift = 0,
): AccessorSpec {
  return { name, field, read: part(offsetOf(field), widthBits, shift), object, doc };
}

const ARGS = offsetOf('args');

function arg(
  index: number,
  read: Partial<Extract<AccessorRead, { how: 'number' }>> = {},
): AccessorRead {
  return { how: 'number', offset: ARGS + index * 4, ...read };
}

function perOp(
  name: string,
  ops: readonly number[],
  read: AccessorRead,
  doc: string,
  object: ObjectForm = 'same',
): AccessorSpec {
  return { name, field: 'args', ops, read, object, doc };
}

/**
 * What a view offers, in the order in which objects and JSON have it. Values that the kernel keeps shifted, in jiffies or in network byte order are converted here
 * and nowhere else.
 */
// oxfmt-ignore
export const ACCESSORS: readonly AccessorSpec[] = [
  { name: 'kind', read: part(8, 8), object: 'kind', doc: 'what the slot is, Kind' },
  { name: 'op', read: part(9, 8), object: 'op', doc: 'the operator, Op; 0 for kinds other than op events' },
  { name: 'originId', read: { how: 'special', type: 'string' }, object: 'same', doc: 'names the host and boot; a connection is (originId, netnsCookie, cookie)' },
  { name: 'tsNs', read: { how: 'bigint', offset: offsetOf('ts_boot_ns') }, object: 'same', doc: 'ns since boot as a bigint; allocates, tsUs does not' },
  { name: 'tsUs', read: { how: 'special', type: 'number' }, doc: 'us since boot as a number, to 1 ns in the first month of uptime, to a few in the first year' },
  { name: 'wallNs', read: { how: 'special', type: 'bigint' }, object: 'same', doc: 'wall clock, ns since 1970 UTC; absent without a clock anchor of the origin' },
  { name: 'cpu', field: 'cpu', read: part(124, 16), object: 'same', doc: 'CPU that ran the program' },
  { name: 'cookie', read: { how: 'bigint', offset: offsetOf('cookie') }, object: 'same', doc: 'socket cookie as a bigint; allocates, cookieNumber does not' },
  { name: 'cookieNumber', read: { how: 'safe', offset: offsetOf('cookie') }, doc: 'socket cookie as a number, exact to 2^53' },
  { name: 'netnsCookie', field: 'netns_cookie', read: { how: 'bigint', offset: offsetOf('netns_cookie') }, object: 'same', doc: 'network namespace cookie' },
  { name: 'netnsCookieNumber', field: 'netns_cookie', read: { how: 'safe', offset: offsetOf('netns_cookie') }, doc: 'network namespace cookie as a number, exact to 2^53' },
  { name: 'laneKey', read: { how: 'number', offset: offsetOf('lane_key') }, doc: 'hash of the cookie: bits 0-5 choose the lane, 8-31 the sample' },
  { name: 'family', read: part(15, 4, 0), object: 'family', doc: 'address family as the socket has it, Family' },
  { name: 'localAddress', read: { how: 'address', end: 'local' }, object: 'same', doc: 'local address as text; allocates; v4-mapped ones as IPv4' },
  { name: 'localPort', read: part(42, 16), object: 'same', doc: 'local port' },
  { name: 'remoteAddress', read: { how: 'address', end: 'remote' }, object: 'same', doc: 'remote address as text; allocates; v4-mapped ones as IPv4' },
  { name: 'remotePort', read: { how: 'port', offset: 40 }, object: 'same', doc: 'remote port' },
  { name: 'localIp4', field: 'local_ip4', read: { how: 'number', offset: 52 }, doc: 'local IPv4 address as the u32 that holds it in network order; only where the family is AF_INET' },
  { name: 'remoteIp4', field: 'remote_ip4', read: { how: 'number', offset: 48 }, doc: 'remote IPv4 address as the u32 that holds it in network order; only where the family is AF_INET' },
  { name: 'role', field: 'owner_role', read: part(15, 2, 5), object: 'role', doc: 'which end called connect or listen, Role' },
  { name: 'ownerPid', field: 'owner_pid', read: { how: 'number', offset: 120 }, object: 'same', doc: 'process that called connect or listen' },
  { name: 'ownerComm', field: 'owner_comm', read: { how: 'comm', offset: 128 }, object: 'same', doc: 'its command name; allocates' },
  { name: 'cgroupId', field: 'cgroup_id', read: { how: 'bigint', offset: 112 }, object: 'same', doc: 'cgroup v2 id of the socket' },
  { name: 'cgroupIdNumber', field: 'cgroup_id', read: { how: 'safe', offset: 112 }, doc: 'cgroup v2 id as a number, exact to 2^53' },
  { name: 'state', read: part(11, 8), object: 'state', doc: 'TCP state, TcpState; in STATE_CB still the old one' },
  { name: 'isFullsock', read: { how: 'boolean', offset: 12, shift: 28 }, object: 'same', doc: 'false for request sockets' },
  { name: 'hasSkb', field: 'has_skb', read: { how: 'boolean', offset: 12, shift: 31 }, doc: 'whether the event came with a TCP header' },
  perOp('retransmits', [Op.RTO_CB], arg(0), 'timeouts in a row, icsk_retransmits'),
  perOp('rtoJiffies', [Op.RTO_CB], arg(1), 'retransmission timeout in jiffies, as the kernel gives it'),
  { name: 'rtoUs', field: 'args', ops: [Op.RTO_CB], read: { how: 'special', type: 'number' }, object: 'same', doc: 'retransmission timeout, us; absent where the HZ of the origin is not known' },
  { name: 'isExpired', field: 'args', ops: [Op.RTO_CB], read: { how: 'boolean', offset: ARGS + 8, shift: 0 }, object: 'same', doc: 'whether the connection is given up' },
  perOp('retransSeq', [Op.RETRANS_CB], arg(0), 'sequence number of the first byte retransmitted'),
  perOp('retransSegs', [Op.RETRANS_CB], arg(1), 'segments retransmitted'),
  perOp('retransError', [Op.RETRANS_CB], arg(2, { signed: true }), 'what tcp_transmit_skb returned: 0, or a negative errno'),
  perOp('oldState', [Op.STATE_CB], arg(0), 'state before the change, TcpState', 'state'),
  perOp('newState', [Op.STATE_CB], arg(1), 'state after the change, TcpState', 'state'),
  perOp('mrttUs', [Op.RTT_CB], arg(0), 'the RTT sample, us; absent on kernels before 6.10'),
  perOp('newSrttUs', [Op.RTT_CB], arg(1, { shift: 3 }), 'the smoothed RTT with this sample, us; srttUs is still without; absent on kernels before 6.10'),
  perOp('hdrOptMode', [Op.HDR_OPT_LEN_CB, Op.WRITE_HDR_OPT_CB], arg(0), 'why the header is built, HdrOptMode'),
  small('cbFlags', 'bpf_sock_ops_cb_flags', 8, 'cbFlags', 'callback flags requested on the socket, CbFlag'),
  small('tcpFlags', 'skb_tcp_flags', 16, 'tcpFlags', 'flags of the segment, TcpFlag; absent in ops without a segment and in 16-18, where the kernel gives 0'),
  small('ecnFlags', 'ecn_flags', 8, 'ecnFlags', 'ECN state of the socket, EcnFlag'),
  u32('skbLen', 'skb_len', 'length of the segment, bytes'),
  { name: 'skErr', field: 'sk_err', read: part(126, 16), object: 'same', doc: 'pending errno of the socket, 0 none' },
  u32('srttUs', 'srtt_us', 'smoothed RTT, us; 0 before the first sample', { shift: 3 }),
  u32('rttMinUs', 'rtt_min', 'minimum RTT, us; absent before the first sample', { none: 0xffffffff }),
  u32('sndCwnd', 'snd_cwnd', 'congestion window, packets'),
  u32('sndSsthresh', 'snd_ssthresh', 'slow start threshold, packets; 2147483647 is none'),
  u32('rcvNxt', 'rcv_nxt', 'next sequence number expected'),
  u32('sndNxt', 'snd_nxt', 'next sequence number to send'),
  u32('sndUna', 'snd_una', 'first unacknowledged sequence number'),
  u32('mssCache', 'mss_cache', 'cached effective MSS, bytes'),
  u32('rateDelivered', 'rate_delivered', 'packets delivered in the rate sample'),
  u32('rateIntervalUs', 'rate_interval_us', 'length of the rate sample, us'),
  u32('packetsOut', 'packets_out', 'packets in flight'),
  u32('retransOut', 'retrans_out', 'retransmitted packets in flight'),
  u32('totalRetrans', 'total_retrans', 'retransmits in the life of the connection; wraps at 2^32'),
  u32('segsIn', 'segs_in', 'segments received; wraps at 2^32'),
  u32('dataSegsIn', 'data_segs_in', 'segments with data received; wraps at 2^32'),
  u32('segsOut', 'segs_out', 'segments sent; wraps at 2^32'),
  u32('dataSegsOut', 'data_segs_out', 'segments with data sent; wraps at 2^32'),
  u32('lostOut', 'lost_out', 'packets thought lost'),
  u32('sackedOut', 'sacked_out', 'packets selectively acknowledged'),
  u32('skTxhash', 'sk_txhash', 'hash of the transmit path'),
  { name: 'bytesReceived', field: 'bytes_received', read: { how: 'safe', offset: 144 }, object: 'same', doc: 'bytes received, exact to 2^53; counts the FIN' },
  { name: 'bytesReceivedBig', field: 'bytes_received', read: { how: 'bigint', offset: 144 }, doc: 'bytes received as a bigint; allocates' },
  { name: 'bytesAcked', field: 'bytes_acked', read: { how: 'safe', offset: 152 }, object: 'same', doc: 'bytes acknowledged, exact to 2^53; counts SYN and FIN' },
  { name: 'bytesAckedBig', field: 'bytes_acked', read: { how: 'bigint', offset: 152 }, doc: 'bytes acknowledged as a bigint; allocates' },
  { name: 'skbHwtstampNs', field: 'skb_hwtstamp', read: { how: 'bigint', offset: 160 }, object: 'same', doc: 'hardware time stamp of the segment, ns' },
  { name: 'tskey', field: 'tskey', ops: [16, 17, 18, 19, 20], read: { how: 'number', offset: 252 }, object: 'same', doc: 'key of the sendmsg this stamp belongs to' },
  { name: 'tcpHeaderLength', field: 'tcp_header', read: { how: 'special', type: 'number' }, doc: 'bytes of the captured TCP header; tcpHeaderInto copies them out' },
  { name: 'tcpHeaderHex', field: 'tcp_header', read: { how: 'special', type: 'string' }, object: 'same', doc: 'the captured TCP header in hexadecimal; allocates' },
  { name: 'arg0', field: 'args', read: arg(0), object: 'unknownOps', doc: 'argument 0 as the kernel gave it; the typed accessors of the op say what it means' },
  { name: 'arg1', field: 'args', read: arg(1), object: 'unknownOps', doc: 'argument 1 as the kernel gave it' },
  { name: 'arg2', field: 'args', read: arg(2), object: 'unknownOps', doc: 'argument 2 as the kernel gave it' },
  { name: 'arg3', field: 'args', read: arg(3), object: 'unknownOps', doc: 'argument 3 as the kernel gave it' },
  { name: 'rttSumUs', kind: Kind.RTT_SUMMARY, read: { how: 'safe', offset: 144 }, object: 'same', doc: 'sum of the RTT samples, us' },
  { name: 'rttCount', kind: Kind.RTT_SUMMARY, read: { how: 'number', offset: 152 }, object: 'same', doc: 'RTT samples' },
  { name: 'rttLowUs', kind: Kind.RTT_SUMMARY, read: { how: 'number', offset: 156 }, object: 'same', doc: 'smallest RTT sample, us' },
  { name: 'rttHighUs', kind: Kind.RTT_SUMMARY, read: { how: 'number', offset: 160 }, object: 'same', doc: 'largest RTT sample, us' },
  { name: 'rttBuckets', kind: Kind.RTT_SUMMARY, read: { how: 'words', offset: 164, count: RTT_BUCKETS }, object: 'same', doc: 'RTT samples per log2 bucket: 0 below 16 us, i from 2^(i+3) us on; allocates, rttBucket(i) does not' },
];
