import { EVENT_FIELDS, type FieldSpec } from '@sockflow/core';

/*
 * Where each field lies, as word (u32) indices and shifts derived from the schema: what writes and checks slots field by field goes by these.
 * Fields of 8 and 16 bits share words: `kindWord` (kind, op, cb flags, state), `flagsWord` (TCP flags, ECN flags, family bits), `portsWord`, `cpuWord`.
 */

function fieldOf(name: string): FieldSpec {
  const field = EVENT_FIELDS.find((candidate) => candidate.name === name);
  if (field === undefined) {
    throw new RangeError(`field expected in the schema, found none: ${name}`);
  }
  return field;
}

/** Word index of the word that the field starts in. */
function wordOf(name: string): number {
  return fieldOf(name).offset >>> 2;
}

/** Bit of the field's word that the field starts at. */
function shiftOf(name: string): number {
  const { offset, bits } = fieldOf(name);
  return (offset % 4) * 8 + (bits?.shift ?? 0);
}

/** The presence word is not a field of the schema: bytes 56-63 of the slot. */
const PRESENCE_WORD = 14;

/** A field, or several that share a word. */
export type WordName =
  | 'kind'
  | 'flags'
  | 'time'
  | 'cookie'
  | 'netns'
  | 'ports'
  | 'laneKey'
  | 'remoteIp4'
  | 'localIp4'
  | 'presence'
  | 'remoteIp6'
  | 'localIp6'
  | 'args'
  | 'cgroup'
  | 'ownerPid'
  | 'cpu'
  | 'ownerComm'
  | 'bytesReceived'
  | 'bytesAcked'
  | 'hwtstamp'
  | 'cwnd'
  | 'srtt'
  | 'rttMin'
  | 'ssthresh'
  | 'rcvNxt'
  | 'sndNxt'
  | 'sndUna'
  | 'mss'
  | 'rateDelivered'
  | 'rateInterval'
  | 'packetsOut'
  | 'retransOut'
  | 'totalRetrans'
  | 'segsIn'
  | 'dataSegsIn'
  | 'segsOut'
  | 'dataSegsOut'
  | 'lostOut'
  | 'sackedOut'
  | 'txhash'
  | 'skbLen'
  | 'tskey'
  | 'header';
/** A field that shares its word with others. */
export type ShiftName =
  | 'op'
  | 'cbFlags'
  | 'state'
  | 'tcpFlags'
  | 'ecnFlags'
  | 'family'
  | 'isFullsock'
  | 'role'
  | 'hasSkb'
  | 'localPort'
  | 'skErr';

/** Word index, from the slot's start, of each field; u64 fields have their low word here and the high one next to it. */
export const WORD: Readonly<Record<WordName, number>> = {
  kind: wordOf('op'),
  flags: wordOf('skb_tcp_flags'),
  time: wordOf('ts_boot_ns'),
  cookie: wordOf('cookie'),
  netns: wordOf('netns_cookie'),
  ports: wordOf('remote_port'),
  laneKey: wordOf('lane_key'),
  remoteIp4: wordOf('remote_ip4'),
  localIp4: wordOf('local_ip4'),
  presence: PRESENCE_WORD,
  remoteIp6: wordOf('remote_ip6'),
  localIp6: wordOf('local_ip6'),
  args: wordOf('args'),
  cgroup: wordOf('cgroup_id'),
  ownerPid: wordOf('owner_pid'),
  cpu: wordOf('cpu'),
  ownerComm: wordOf('owner_comm'),
  bytesReceived: wordOf('bytes_received'),
  bytesAcked: wordOf('bytes_acked'),
  hwtstamp: wordOf('skb_hwtstamp'),
  cwnd: wordOf('snd_cwnd'),
  srtt: wordOf('srtt_us'),
  rttMin: wordOf('rtt_min'),
  ssthresh: wordOf('snd_ssthresh'),
  rcvNxt: wordOf('rcv_nxt'),
  sndNxt: wordOf('snd_nxt'),
  sndUna: wordOf('snd_una'),
  mss: wordOf('mss_cache'),
  rateDelivered: wordOf('rate_delivered'),
  rateInterval: wordOf('rate_interval_us'),
  packetsOut: wordOf('packets_out'),
  retransOut: wordOf('retrans_out'),
  totalRetrans: wordOf('total_retrans'),
  segsIn: wordOf('segs_in'),
  dataSegsIn: wordOf('data_segs_in'),
  segsOut: wordOf('segs_out'),
  dataSegsOut: wordOf('data_segs_out'),
  lostOut: wordOf('lost_out'),
  sackedOut: wordOf('sacked_out'),
  txhash: wordOf('sk_txhash'),
  skbLen: wordOf('skb_len'),
  tskey: wordOf('tskey'),
  header: wordOf('tcp_header'),
};

/** Shift of each field that shares its word, within that word. */
export const SHIFT: Readonly<Record<ShiftName, number>> = {
  op: shiftOf('op'),
  cbFlags: shiftOf('bpf_sock_ops_cb_flags'),
  state: shiftOf('state'),
  tcpFlags: shiftOf('skb_tcp_flags'),
  ecnFlags: shiftOf('ecn_flags'),
  family: shiftOf('family'),
  isFullsock: shiftOf('is_fullsock'),
  role: shiftOf('owner_role'),
  hasSkb: shiftOf('has_skb'),
  localPort: shiftOf('local_port'),
  skErr: shiftOf('sk_err'),
};

/** The tag of the section that holds a captured TCP header. */
export const TCP_HEADER_TAG = 1;
