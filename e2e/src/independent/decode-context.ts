/*
 * Raw fields of struct bpf_sock_ops as a person would decode them with the kernel's documentation at hand: linux/bpf.h, linux/tcp.h and what callbacks are known to
 * give. Nothing here comes from the product, so that a mistake in its tables is not repeated.
 */

/** A line of context-json. */
export interface RawEvent {
  readonly [field: string]: unknown;
  readonly op: number;
  readonly args: readonly number[];
  readonly family: number;
  readonly state: number;
  readonly is_fullsock: number;
}

/** What must be on the decoded line; `undefined` for what must not be there. */
export type DecodedEvent = Record<string, unknown>;

const OPS = [
  'VOID TIMEOUT_INIT RWND_INIT TCP_CONNECT_CB ACTIVE_ESTABLISHED_CB PASSIVE_ESTABLISHED_CB NEEDS_ECN BASE_RTT RTO_CB RETRANS_CB STATE_CB TCP_LISTEN_CB RTT_CB',
  'PARSE_HDR_OPT_CB HDR_OPT_LEN_CB WRITE_HDR_OPT_CB TSTAMP_SCHED_CB TSTAMP_SND_SW_CB TSTAMP_SND_HW_CB TSTAMP_ACK_CB TSTAMP_SENDMSG_CB',
]
  .join(' ')
  .split(' ');
const STATES =
  '- ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING NEW_SYN_RECV BOUND_INACTIVE'.split(
    ' ',
  );
const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE'];
const CB_FLAGS =
  'RTO RETRANS STATE RTT PARSE_ALL_HDR_OPT PARSE_UNKNOWN_HDR_OPT WRITE_HDR_OPT'.split(' ');
const ECN_FLAGS = ['OK', 'QUEUE_CWR', 'DEMAND_CWR', 'SEEN'];
const AF_INET = 2;
const AF_INET6 = 10;
const NO_RTT_MIN = 0xffffffff;

/** Ops whose skb_data holds a TCP header. */
const WITH_HEADER = new Set([
  'ACTIVE_ESTABLISHED_CB',
  'PASSIVE_ESTABLISHED_CB',
  'PARSE_HDR_OPT_CB',
  'WRITE_HDR_OPT_CB',
]);

const PLAIN_COUNTERS: Readonly<Record<string, string>> = {
  snd_cwnd: 'sndCwnd',
  snd_ssthresh: 'sndSsthresh',
  rcv_nxt: 'rcvNxt',
  snd_nxt: 'sndNxt',
  snd_una: 'sndUna',
  mss_cache: 'mssCache',
  rate_delivered: 'rateDelivered',
  rate_interval_us: 'rateIntervalUs',
  packets_out: 'packetsOut',
  retrans_out: 'retransOut',
  total_retrans: 'totalRetrans',
  segs_in: 'segsIn',
  data_segs_in: 'dataSegsIn',
  segs_out: 'segsOut',
  data_segs_out: 'dataSegsOut',
  lost_out: 'lostOut',
  sacked_out: 'sackedOut',
  sk_txhash: 'skTxhash',
};

/** Ops 16 to 20 run without the socket's lock. */
function isTimeStamp(op: number): boolean {
  return op >= 16 && op <= 20;
}

function flagNames(value: number, names: readonly string[]): string {
  return names.filter((_, bit) => (value >> bit) & 1).join('|');
}

/** Bytes of big-endian words that a little-endian machine printed. */
function networkBytes(words: readonly number[]): number[] {
  return words.flatMap((word) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff));
}

function ip4Text(bytes: readonly number[]): string {
  return bytes.join('.');
}

/** The URL parser writes IPv6 as RFC 5952 wants it. */
function ip6Text(bytes: readonly number[]): string {
  const isMapped =
    bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (isMapped) return ip4Text(bytes.slice(12));
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function address(raw: RawEvent, end: 'local' | 'remote'): string | undefined {
  if (raw.family === AF_INET) return ip4Text(networkBytes([raw[`${end}_ip4`] as number]));
  if (raw.family === AF_INET6) return ip6Text(networkBytes(raw[`${end}_ip6`] as number[]));
  return undefined;
}

/** Arguments of the ops that have some, with their units. */
function argumentsOf(
  op: string,
  [first = 0, second = 0, third = 0, fourth = 0]: readonly number[],
  hz: number,
): DecodedEvent {
  switch (op) {
    case 'RTO_CB':
      return {
        retransmits: first,
        rtoJiffies: second,
        rtoUs: (second * 1_000_000) / hz,
        isExpired: third !== 0,
      };
    case 'RETRANS_CB':
      return { retransSeq: first, retransSegs: second, retransError: third };
    case 'STATE_CB':
      return { oldState: STATES[first], newState: STATES[second] };
    case 'RTT_CB':
      // Kernels before 6.10 give no arguments; a round trip of 0 us with a smoothed one of 0 there is none.
      if (first === 0 && second === 0) return {};
      return { mrttUs: first, newSrttUs: second >>> 3 };
    case 'HDR_OPT_LEN_CB':
    case 'WRITE_HDR_OPT_CB':
      return { hdrOptMode: first };
    default:
      // What arguments of a later kernel's ops mean is not known: they are kept as they are.
      return OPS.includes(op) ? {} : { arg0: first, arg1: second, arg2: third, arg3: fourth };
  }
}

/** TCP metrics: not of request sockets, and not where the program runs without the socket's lock (time stamps). */
function metricsOf(raw: RawEvent): DecodedEvent {
  const isThere = raw.is_fullsock === 1 && !isTimeStamp(raw.op);
  const metrics: DecodedEvent = {
    cbFlags: flagNames(raw['bpf_sock_ops_cb_flags'] as number, CB_FLAGS),
    ecnFlags: flagNames(raw['ecn_flags'] as number, ECN_FLAGS),
    srttUs: (raw['srtt_us'] as number) >>> 3,
    rttMinUs: raw['rtt_min'] === NO_RTT_MIN ? undefined : raw['rtt_min'],
    bytesReceived: Number(raw['bytes_received']),
    bytesAcked: Number(raw['bytes_acked']),
  };
  for (const [field, name] of Object.entries(PLAIN_COUNTERS)) metrics[name] = raw[field];
  return isThere
    ? metrics
    : Object.fromEntries(Object.keys(metrics).map((name) => [name, undefined]));
}

/** Decodes one raw event of a kernel with `hz` ticks a second. */
export function decodeContext(raw: RawEvent, hz: number): DecodedEvent {
  const op = OPS[raw.op] ?? `UNKNOWN(${raw.op})`;
  const hasSegment =
    ((WITH_HEADER.has(op) || raw.op >= OPS.length) && raw['has_skb'] === 1) ||
    (op === 'HDR_OPT_LEN_CB' && raw.args[0] !== 1);
  const isFull = raw.is_fullsock === 1;
  const hasOwner = raw['owner_pid'] !== 0;
  const hasFlags = hasSegment || op === 'TSTAMP_ACK_CB' || op === 'TSTAMP_SENDMSG_CB';
  return {
    op,
    tsNs: raw['ts_boot_ns'],
    cpu: raw['cpu'],
    cookie: raw['cookie'],
    netnsCookie: raw['netns_cookie'],
    family: raw.family === AF_INET ? 'AF_INET' : 'AF_INET6',
    localPort: raw['local_port'],
    // Big-endian in the upper half of the word.
    remotePort: Buffer.from(networkBytes([raw['remote_port'] as number])).readUInt16BE(2),
    localAddress: address(raw, 'local'),
    remoteAddress: address(raw, 'remote'),
    state: STATES[raw.state],
    isFullsock: isFull,
    cgroupId: isFull ? raw['cgroup_id'] : undefined,
    skErr: isFull ? raw['sk_err'] : undefined,
    ownerPid: hasOwner ? raw['owner_pid'] : undefined,
    ownerComm: hasOwner ? raw['owner_comm'] : undefined,
    role: [undefined, 'CLIENT', 'SERVER'][raw['owner_role'] as number],
    tcpFlags: hasFlags ? flagNames(raw['skb_tcp_flags'] as number, TCP_FLAGS) : undefined,
    skbLen: hasSegment || isTimeStamp(raw.op) ? raw['skb_len'] : undefined,
    tcpHeaderHex: raw['tcp_header'] === '' ? undefined : raw['tcp_header'],
    skbHwtstampNs: raw['skb_hwtstamp'] === '0' ? undefined : raw['skb_hwtstamp'],
    tskey: isTimeStamp(raw.op) ? raw['tskey'] : undefined,
    ...argumentsOf(op, raw.args, hz),
    ...metricsOf(raw),
  };
}
