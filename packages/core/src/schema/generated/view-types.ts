/* Generated from packages/core/src/schema by `pnpm generate`: change the tables there. */

import type { FamilyName } from '../family.ts';
import type { Kind, KindName } from '../kind.ts';
import type { NameOf } from '../names.ts';
import type { Op, OpName } from '../op.ts';
import type { Origin } from '../origin.ts';
import type { RoleName } from '../role.ts';
import type { TcpStateName } from '../tcp-state.ts';

/**
 * A cursor over one event: reads the fields in place. Valid for its step of the iteration only; `toObject()` outlives it.
 *
 * What the event does not have is `undefined`, never zero. Accessors of one op's arguments are on that op's view: `filterOp` gives it, with what every event
 * of that op has without `undefined` (a source that leaves fields out, by its origin's `captured` or in single events, does not keep that promise).
 */
export interface EventView {
  /** what the slot is, Kind */
  readonly kind: number;
  /** the operator, Op; 0 for kinds other than op events */
  readonly op: number;
  /** names the host and boot; a connection is (originId, netnsCookie, cookie) */
  readonly originId: string;
  /** ns since boot as a bigint; allocates, tsUs does not */
  readonly tsNs: bigint;
  /** us since boot as a number, to 1 ns in the first month of uptime, to a few in the first year */
  readonly tsUs: number;
  /** wall clock, ns since 1970 UTC; absent without a clock anchor of the origin */
  readonly wallNs: bigint | undefined;
  /** CPU that ran the program */
  readonly cpu: number | undefined;
  /** socket cookie as a bigint; allocates, cookieNumber does not */
  readonly cookie: bigint;
  /** socket cookie as a number, exact to 2^53 */
  readonly cookieNumber: number;
  /** network namespace cookie */
  readonly netnsCookie: bigint | undefined;
  /** network namespace cookie as a number, exact to 2^53 */
  readonly netnsCookieNumber: number | undefined;
  /** hash of the cookie: bits 0-5 choose the lane, 8-31 the sample */
  readonly laneKey: number;
  /** address family as the socket has it, Family */
  readonly family: number;
  /** local address as text; allocates; v4-mapped ones as IPv4 */
  readonly localAddress: string | undefined;
  /** local port */
  readonly localPort: number;
  /** remote address as text; allocates; v4-mapped ones as IPv4 */
  readonly remoteAddress: string | undefined;
  /** remote port */
  readonly remotePort: number;
  /** local IPv4 address as the u32 that holds it in network order; only where the family is AF_INET */
  readonly localIp4: number | undefined;
  /** remote IPv4 address as the u32 that holds it in network order; only where the family is AF_INET */
  readonly remoteIp4: number | undefined;
  /** which end called connect or listen, Role */
  readonly role: number | undefined;
  /** process that called connect or listen */
  readonly ownerPid: number | undefined;
  /** its command name; allocates */
  readonly ownerComm: string | undefined;
  /** cgroup v2 id of the socket */
  readonly cgroupId: bigint | undefined;
  /** cgroup v2 id as a number, exact to 2^53 */
  readonly cgroupIdNumber: number | undefined;
  /** TCP state, TcpState; in STATE_CB still the old one */
  readonly state: number;
  /** false for request sockets */
  readonly isFullsock: boolean;
  /** whether the event came with a TCP header */
  readonly hasSkb: boolean | undefined;
  /** callback flags requested on the socket, CbFlag */
  readonly cbFlags: number | undefined;
  /** flags of the segment, TcpFlag; absent in ops without a segment and in 16-18, where the kernel gives 0 */
  readonly tcpFlags: number | undefined;
  /** ECN state of the socket, EcnFlag */
  readonly ecnFlags: number | undefined;
  /** length of the segment, bytes */
  readonly skbLen: number | undefined;
  /** pending errno of the socket, 0 none */
  readonly skErr: number | undefined;
  /** smoothed RTT, us; 0 before the first sample */
  readonly srttUs: number | undefined;
  /** minimum RTT, us; absent before the first sample */
  readonly rttMinUs: number | undefined;
  /** congestion window, packets */
  readonly sndCwnd: number | undefined;
  /** slow start threshold, packets; 2147483647 is none */
  readonly sndSsthresh: number | undefined;
  /** next sequence number expected */
  readonly rcvNxt: number | undefined;
  /** next sequence number to send */
  readonly sndNxt: number | undefined;
  /** first unacknowledged sequence number */
  readonly sndUna: number | undefined;
  /** cached effective MSS, bytes */
  readonly mssCache: number | undefined;
  /** packets delivered in the rate sample */
  readonly rateDelivered: number | undefined;
  /** length of the rate sample, us */
  readonly rateIntervalUs: number | undefined;
  /** packets in flight */
  readonly packetsOut: number | undefined;
  /** retransmitted packets in flight */
  readonly retransOut: number | undefined;
  /** retransmits in the life of the connection; wraps at 2^32 */
  readonly totalRetrans: number | undefined;
  /** segments received; wraps at 2^32 */
  readonly segsIn: number | undefined;
  /** segments with data received; wraps at 2^32 */
  readonly dataSegsIn: number | undefined;
  /** segments sent; wraps at 2^32 */
  readonly segsOut: number | undefined;
  /** segments with data sent; wraps at 2^32 */
  readonly dataSegsOut: number | undefined;
  /** packets thought lost */
  readonly lostOut: number | undefined;
  /** packets selectively acknowledged */
  readonly sackedOut: number | undefined;
  /** hash of the transmit path */
  readonly skTxhash: number | undefined;
  /** bytes received, exact to 2^53; counts the FIN */
  readonly bytesReceived: number | undefined;
  /** bytes received as a bigint; allocates */
  readonly bytesReceivedBig: bigint | undefined;
  /** bytes acknowledged, exact to 2^53; counts SYN and FIN */
  readonly bytesAcked: number | undefined;
  /** bytes acknowledged as a bigint; allocates */
  readonly bytesAckedBig: bigint | undefined;
  /** hardware time stamp of the segment, ns */
  readonly skbHwtstampNs: bigint | undefined;
  /** bytes of the captured TCP header; tcpHeaderInto copies them out */
  readonly tcpHeaderLength: number | undefined;
  /** the captured TCP header in hexadecimal; allocates */
  readonly tcpHeaderHex: string | undefined;
  /** argument 0 as the kernel gave it; the typed accessors of the op say what it means */
  readonly arg0: number | undefined;
  /** argument 1 as the kernel gave it */
  readonly arg1: number | undefined;
  /** argument 2 as the kernel gave it */
  readonly arg2: number | undefined;
  /** argument 3 as the kernel gave it */
  readonly arg3: number | undefined;
  /** The origin of the event. */
  readonly origin: Origin;
  /** Copies the captured TCP header into `target`; the number of bytes, 0 where there is none. */
  tcpHeaderInto(target: Uint8Array): number;
  /** The event as a plain object that outlives its batch; allocates. */
  toObject(): EventObject;
  /** As `toObject()`: a view inside a value is written and emitted as the event that it shows. `JSON.stringify` needs a replacer for its bigints. */
  toJSON(): EventObject;
}

/** An event as a plain object, with names for numbers that have one; what does not apply is not there. */
export interface EventObject {
  /** what the slot is, Kind */
  kind: NameOf<KindName>;
  /** the operator, Op; 0 for kinds other than op events */
  op: NameOf<OpName>;
  /** names the host and boot; a connection is (originId, netnsCookie, cookie) */
  originId: string;
  /** ns since boot as a bigint; allocates, tsUs does not */
  tsNs: bigint;
  /** wall clock, ns since 1970 UTC; absent without a clock anchor of the origin */
  wallNs?: bigint;
  /** CPU that ran the program */
  cpu?: number;
  /** socket cookie as a bigint; allocates, cookieNumber does not */
  cookie: bigint;
  /** network namespace cookie */
  netnsCookie?: bigint;
  /** address family as the socket has it, Family */
  family: NameOf<FamilyName>;
  /** local address as text; allocates; v4-mapped ones as IPv4 */
  localAddress?: string;
  /** local port */
  localPort: number;
  /** remote address as text; allocates; v4-mapped ones as IPv4 */
  remoteAddress?: string;
  /** remote port */
  remotePort: number;
  /** which end called connect or listen, Role */
  role?: NameOf<RoleName>;
  /** process that called connect or listen */
  ownerPid?: number;
  /** its command name; allocates */
  ownerComm?: string;
  /** cgroup v2 id of the socket */
  cgroupId?: bigint;
  /** TCP state, TcpState; in STATE_CB still the old one */
  state: NameOf<TcpStateName>;
  /** false for request sockets */
  isFullsock: boolean;
  /** timeouts in a row, icsk_retransmits */
  retransmits?: number;
  /** retransmission timeout in jiffies, as the kernel gives it */
  rtoJiffies?: number;
  /** retransmission timeout, us; absent where the HZ of the origin is not known */
  rtoUs?: number;
  /** whether the connection is given up */
  isExpired?: boolean;
  /** sequence number of the first byte retransmitted */
  retransSeq?: number;
  /** segments retransmitted */
  retransSegs?: number;
  /** what tcp_transmit_skb returned: 0, or a negative errno */
  retransError?: number;
  /** state before the change, TcpState */
  oldState?: NameOf<TcpStateName>;
  /** state after the change, TcpState */
  newState?: NameOf<TcpStateName>;
  /** the RTT sample, us; absent on kernels before 6.10 */
  mrttUs?: number;
  /** the smoothed RTT with this sample, us; srttUs is still without; absent on kernels before 6.10 */
  newSrttUs?: number;
  /** why the header is built, HdrOptMode */
  hdrOptMode?: number;
  /** callback flags requested on the socket, CbFlag */
  cbFlags?: string;
  /** flags of the segment, TcpFlag; absent in ops without a segment and in 16-18, where the kernel gives 0 */
  tcpFlags?: string;
  /** ECN state of the socket, EcnFlag */
  ecnFlags?: string;
  /** length of the segment, bytes */
  skbLen?: number;
  /** pending errno of the socket, 0 none */
  skErr?: number;
  /** smoothed RTT, us; 0 before the first sample */
  srttUs?: number;
  /** minimum RTT, us; absent before the first sample */
  rttMinUs?: number;
  /** congestion window, packets */
  sndCwnd?: number;
  /** slow start threshold, packets; 2147483647 is none */
  sndSsthresh?: number;
  /** next sequence number expected */
  rcvNxt?: number;
  /** next sequence number to send */
  sndNxt?: number;
  /** first unacknowledged sequence number */
  sndUna?: number;
  /** cached effective MSS, bytes */
  mssCache?: number;
  /** packets delivered in the rate sample */
  rateDelivered?: number;
  /** length of the rate sample, us */
  rateIntervalUs?: number;
  /** packets in flight */
  packetsOut?: number;
  /** retransmitted packets in flight */
  retransOut?: number;
  /** retransmits in the life of the connection; wraps at 2^32 */
  totalRetrans?: number;
  /** segments received; wraps at 2^32 */
  segsIn?: number;
  /** segments with data received; wraps at 2^32 */
  dataSegsIn?: number;
  /** segments sent; wraps at 2^32 */
  segsOut?: number;
  /** segments with data sent; wraps at 2^32 */
  dataSegsOut?: number;
  /** packets thought lost */
  lostOut?: number;
  /** packets selectively acknowledged */
  sackedOut?: number;
  /** hash of the transmit path */
  skTxhash?: number;
  /** bytes received, exact to 2^53; counts the FIN */
  bytesReceived?: number;
  /** bytes acknowledged, exact to 2^53; counts SYN and FIN */
  bytesAcked?: number;
  /** hardware time stamp of the segment, ns */
  skbHwtstampNs?: bigint;
  /** key of the sendmsg this stamp belongs to */
  tskey?: number;
  /** the captured TCP header in hexadecimal; allocates */
  tcpHeaderHex?: string;
  /** argument 0 as the kernel gave it; the typed accessors of the op say what it means */
  arg0?: number;
  /** argument 1 as the kernel gave it */
  arg1?: number;
  /** argument 2 as the kernel gave it */
  arg2?: number;
  /** argument 3 as the kernel gave it */
  arg3?: number;
  /** sum of the RTT samples, us */
  rttSumUs?: number;
  /** RTT samples */
  rttCount?: number;
  /** smallest RTT sample, us */
  rttLowUs?: number;
  /** largest RTT sample, us */
  rttHighUs?: number;
  /** RTT samples per log2 bucket: 0 below 16 us, i from 2^(i+3) us on; allocates, rttBucket(i) does not */
  rttBuckets?: number[];
}

/** The view of VOID events. */
export interface VoidView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.VOID;
}

/** The view of TIMEOUT_INIT events. */
export interface TimeoutInitView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.TIMEOUT_INIT;
}

/** The view of RWND_INIT events. */
export interface RwndInitView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.RWND_INIT;
}

/** The view of TCP_CONNECT_CB events. */
export interface TcpConnectCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.TCP_CONNECT_CB;
  readonly cbFlags: number;
  readonly ecnFlags: number;
  readonly srttUs: number;
  readonly sndCwnd: number;
  readonly sndSsthresh: number;
  readonly rcvNxt: number;
  readonly sndNxt: number;
  readonly sndUna: number;
  readonly mssCache: number;
  readonly rateDelivered: number;
  readonly rateIntervalUs: number;
  readonly packetsOut: number;
  readonly retransOut: number;
  readonly totalRetrans: number;
  readonly segsIn: number;
  readonly dataSegsIn: number;
  readonly segsOut: number;
  readonly dataSegsOut: number;
  readonly lostOut: number;
  readonly sackedOut: number;
  readonly skTxhash: number;
  readonly bytesReceived: number;
  readonly bytesReceivedBig: bigint;
  readonly bytesAcked: number;
  readonly bytesAckedBig: bigint;
}

/** The view of ACTIVE_ESTABLISHED_CB events. */
export interface ActiveEstablishedCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.ACTIVE_ESTABLISHED_CB;
  readonly cbFlags: number;
  readonly ecnFlags: number;
  readonly srttUs: number;
  readonly sndCwnd: number;
  readonly sndSsthresh: number;
  readonly rcvNxt: number;
  readonly sndNxt: number;
  readonly sndUna: number;
  readonly mssCache: number;
  readonly rateDelivered: number;
  readonly rateIntervalUs: number;
  readonly packetsOut: number;
  readonly retransOut: number;
  readonly totalRetrans: number;
  readonly segsIn: number;
  readonly dataSegsIn: number;
  readonly segsOut: number;
  readonly dataSegsOut: number;
  readonly lostOut: number;
  readonly sackedOut: number;
  readonly skTxhash: number;
  readonly bytesReceived: number;
  readonly bytesReceivedBig: bigint;
  readonly bytesAcked: number;
  readonly bytesAckedBig: bigint;
}

/** The view of PASSIVE_ESTABLISHED_CB events. */
export interface PassiveEstablishedCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.PASSIVE_ESTABLISHED_CB;
  readonly cbFlags: number;
  readonly ecnFlags: number;
  readonly srttUs: number;
  readonly sndCwnd: number;
  readonly sndSsthresh: number;
  readonly rcvNxt: number;
  readonly sndNxt: number;
  readonly sndUna: number;
  readonly mssCache: number;
  readonly rateDelivered: number;
  readonly rateIntervalUs: number;
  readonly packetsOut: number;
  readonly retransOut: number;
  readonly totalRetrans: number;
  readonly segsIn: number;
  readonly dataSegsIn: number;
  readonly segsOut: number;
  readonly dataSegsOut: number;
  readonly lostOut: number;
  readonly sackedOut: number;
  readonly skTxhash: number;
  readonly bytesReceived: number;
  readonly bytesReceivedBig: bigint;
  readonly bytesAcked: number;
  readonly bytesAckedBig: bigint;
}

/** The view of NEEDS_ECN events. */
export interface NeedsEcnView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.NEEDS_ECN;
}

/** The view of BASE_RTT events. */
export interface BaseRttView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.BASE_RTT;
  readonly cbFlags: number;
  readonly ecnFlags: number;
  readonly srttUs: number;
  readonly sndCwnd: number;
  readonly sndSsthresh: number;
  readonly rcvNxt: number;
  readonly sndNxt: number;
  readonly sndUna: number;
  readonly mssCache: number;
  readonly rateDelivered: number;
  readonly rateIntervalUs: number;
  readonly packetsOut: number;
  readonly retransOut: number;
  readonly totalRetrans: number;
  readonly segsIn: number;
  readonly dataSegsIn: number;
  readonly segsOut: number;
  readonly dataSegsOut: number;
  readonly lostOut: number;
  readonly sackedOut: number;
  readonly skTxhash: number;
  readonly bytesReceived: number;
  readonly bytesReceivedBig: bigint;
  readonly bytesAcked: number;
  readonly bytesAckedBig: bigint;
}

/** The view of RTO_CB events. */
export interface RtoCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.RTO_CB;
  /** timeouts in a row, icsk_retransmits */
  readonly retransmits: number;
  /** retransmission timeout in jiffies, as the kernel gives it */
  readonly rtoJiffies: number;
  /** retransmission timeout, us; absent where the HZ of the origin is not known */
  readonly rtoUs: number | undefined;
  /** whether the connection is given up */
  readonly isExpired: boolean;
  readonly cbFlags: number;
  readonly ecnFlags: number;
  readonly srttUs: number;
  readonly sndCwnd: number;
  readonly sndSsthresh: number;
  readonly rcvNxt: number;
  readonly sndNxt: number;
  readonly sndUna: number;
  readonly mssCache: number;
  readonly rateDelivered: number;
  readonly rateIntervalUs: number;
  readonly packetsOut: number;
  readonly retransOut: number;
  readonly totalRetrans: number;
  readonly segsIn: number;
  readonly dataSegsIn: number;
  readonly segsOut: number;
  readonly dataSegsOut: number;
  readonly lostOut: number;
  readonly sackedOut: number;
  readonly skTxhash: number;
  readonly bytesReceived: number;
  readonly bytesReceivedBig: bigint;
  readonly bytesAcked: number;
  readonly bytesAckedBig: bigint;
  readonly arg0: number;
  readonly arg1: number;
  readonly arg2: number;
  readonly arg3: number;
}

/** The view of RETRANS_CB events. */
export interface RetransCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.RETRANS_CB;
  /** sequence number of the first byte retransmitted */
  readonly retransSeq: number;
  /** segments retransmitted */
  readonly retransSegs: number;
  /** what tcp_transmit_skb returned: 0, or a negative errno */
  readonly retransError: number;
  readonly cbFlags: number;
  readonly ecnFlags: number;
  readonly srttUs: number;
  readonly sndCwnd: number;
  readonly sndSsthresh: number;
  readonly rcvNxt: number;
  readonly sndNxt: number;
  readonly sndUna: number;
  readonly mssCache: number;
  readonly rateDelivered: number;
  readonly rateIntervalUs: number;
  readonly packetsOut: number;
  readonly retransOut: number;
  readonly totalRetrans: number;
  readonly segsIn: number;
  readonly dataSegsIn: number;
  readonly segsOut: number;
  readonly dataSegsOut: number;
  readonly lostOut: number;
  readonly sackedOut: number;
  readonly skTxhash: number;
  readonly bytesReceived: number;
  readonly bytesReceivedBig: bigint;
  readonly bytesAcked: number;
  readonly bytesAckedBig: bigint;
  readonly arg0: number;
  readonly arg1: number;
  readonly arg2: number;
  readonly arg3: number;
}

/** The view of STATE_CB events. */
export interface StateCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.STATE_CB;
  /** state before the change, TcpState */
  readonly oldState: number;
  /** state after the change, TcpState */
  readonly newState: number;
  readonly cbFlags: number;
  readonly ecnFlags: number;
  readonly srttUs: number;
  readonly sndCwnd: number;
  readonly sndSsthresh: number;
  readonly rcvNxt: number;
  readonly sndNxt: number;
  readonly sndUna: number;
  readonly mssCache: number;
  readonly rateDelivered: number;
  readonly rateIntervalUs: number;
  readonly packetsOut: number;
  readonly retransOut: number;
  readonly totalRetrans: number;
  readonly segsIn: number;
  readonly dataSegsIn: number;
  readonly segsOut: number;
  readonly dataSegsOut: number;
  readonly lostOut: number;
  readonly sackedOut: number;
  readonly skTxhash: number;
  readonly bytesReceived: number;
  readonly bytesReceivedBig: bigint;
  readonly bytesAcked: number;
  readonly bytesAckedBig: bigint;
  readonly arg0: number;
  readonly arg1: number;
  readonly arg2: number;
  readonly arg3: number;
}

/** The view of TCP_LISTEN_CB events. */
export interface TcpListenCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.TCP_LISTEN_CB;
  readonly cbFlags: number;
  readonly ecnFlags: number;
  readonly srttUs: number;
  readonly sndCwnd: number;
  readonly sndSsthresh: number;
  readonly rcvNxt: number;
  readonly sndNxt: number;
  readonly sndUna: number;
  readonly mssCache: number;
  readonly rateDelivered: number;
  readonly rateIntervalUs: number;
  readonly packetsOut: number;
  readonly retransOut: number;
  readonly totalRetrans: number;
  readonly segsIn: number;
  readonly dataSegsIn: number;
  readonly segsOut: number;
  readonly dataSegsOut: number;
  readonly lostOut: number;
  readonly sackedOut: number;
  readonly skTxhash: number;
  readonly bytesReceived: number;
  readonly bytesReceivedBig: bigint;
  readonly bytesAcked: number;
  readonly bytesAckedBig: bigint;
}

/** The view of RTT_CB events. */
export interface RttCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.RTT_CB;
  /** the RTT sample, us; absent on kernels before 6.10 */
  readonly mrttUs: number | undefined;
  /** the smoothed RTT with this sample, us; srttUs is still without; absent on kernels before 6.10 */
  readonly newSrttUs: number | undefined;
  readonly cbFlags: number;
  readonly ecnFlags: number;
  readonly srttUs: number;
  readonly sndCwnd: number;
  readonly sndSsthresh: number;
  readonly rcvNxt: number;
  readonly sndNxt: number;
  readonly sndUna: number;
  readonly mssCache: number;
  readonly rateDelivered: number;
  readonly rateIntervalUs: number;
  readonly packetsOut: number;
  readonly retransOut: number;
  readonly totalRetrans: number;
  readonly segsIn: number;
  readonly dataSegsIn: number;
  readonly segsOut: number;
  readonly dataSegsOut: number;
  readonly lostOut: number;
  readonly sackedOut: number;
  readonly skTxhash: number;
  readonly bytesReceived: number;
  readonly bytesReceivedBig: bigint;
  readonly bytesAcked: number;
  readonly bytesAckedBig: bigint;
}

/** The view of PARSE_HDR_OPT_CB events. */
export interface ParseHdrOptCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.PARSE_HDR_OPT_CB;
  readonly cbFlags: number;
  readonly ecnFlags: number;
  readonly srttUs: number;
  readonly sndCwnd: number;
  readonly sndSsthresh: number;
  readonly rcvNxt: number;
  readonly sndNxt: number;
  readonly sndUna: number;
  readonly mssCache: number;
  readonly rateDelivered: number;
  readonly rateIntervalUs: number;
  readonly packetsOut: number;
  readonly retransOut: number;
  readonly totalRetrans: number;
  readonly segsIn: number;
  readonly dataSegsIn: number;
  readonly segsOut: number;
  readonly dataSegsOut: number;
  readonly lostOut: number;
  readonly sackedOut: number;
  readonly skTxhash: number;
  readonly bytesReceived: number;
  readonly bytesReceivedBig: bigint;
  readonly bytesAcked: number;
  readonly bytesAckedBig: bigint;
}

/** The view of HDR_OPT_LEN_CB events. */
export interface HdrOptLenCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.HDR_OPT_LEN_CB;
  /** why the header is built, HdrOptMode */
  readonly hdrOptMode: number;
  readonly arg0: number;
  readonly arg1: number;
  readonly arg2: number;
  readonly arg3: number;
}

/** The view of WRITE_HDR_OPT_CB events. */
export interface WriteHdrOptCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.WRITE_HDR_OPT_CB;
  /** why the header is built, HdrOptMode */
  readonly hdrOptMode: number;
  readonly arg0: number;
  readonly arg1: number;
  readonly arg2: number;
  readonly arg3: number;
}

/** The view of TSTAMP_SCHED_CB events. */
export interface TstampSchedCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.TSTAMP_SCHED_CB;
  readonly skbLen: number;
  /** key of the sendmsg this stamp belongs to */
  readonly tskey: number | undefined;
}

/** The view of TSTAMP_SND_SW_CB events. */
export interface TstampSndSwCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.TSTAMP_SND_SW_CB;
  readonly skbLen: number;
  /** key of the sendmsg this stamp belongs to */
  readonly tskey: number | undefined;
}

/** The view of TSTAMP_SND_HW_CB events. */
export interface TstampSndHwCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.TSTAMP_SND_HW_CB;
  readonly skbLen: number;
  /** key of the sendmsg this stamp belongs to */
  readonly tskey: number | undefined;
}

/** The view of TSTAMP_ACK_CB events. */
export interface TstampAckCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.TSTAMP_ACK_CB;
  readonly tcpFlags: number;
  readonly skbLen: number;
  /** key of the sendmsg this stamp belongs to */
  readonly tskey: number | undefined;
}

/** The view of TSTAMP_SENDMSG_CB events. */
export interface TstampSendmsgCbView extends EventView {
  readonly kind: typeof Kind.OP;
  readonly op: typeof Op.TSTAMP_SENDMSG_CB;
  readonly tcpFlags: number;
  readonly skbLen: number;
  /** key of the sendmsg this stamp belongs to */
  readonly tskey: number | undefined;
}

/** The view of slots of kind RTT_SUMMARY. */
export interface RttSummaryView extends EventView {
  readonly kind: typeof Kind.RTT_SUMMARY;
  /** sum of the RTT samples, us */
  readonly rttSumUs: number;
  /** RTT samples */
  readonly rttCount: number;
  /** smallest RTT sample, us */
  readonly rttLowUs: number;
  /** largest RTT sample, us */
  readonly rttHighUs: number;
  /** RTT samples per log2 bucket: 0 below 16 us, i from 2^(i+3) us on; allocates, rttBucket(i) does not */
  readonly rttBuckets: number[];
  /** Samples in one log2 bucket, 0 to 22; 0 outside. */
  rttBucket(index: number): number;
}

/** The view of slots of kind SNAPSHOT. */
export interface SnapshotView extends EventView {
  readonly kind: typeof Kind.SNAPSHOT;
}

/** The view of each op. */
export interface OpViews {
  0: VoidView;
  1: TimeoutInitView;
  2: RwndInitView;
  3: TcpConnectCbView;
  4: ActiveEstablishedCbView;
  5: PassiveEstablishedCbView;
  6: NeedsEcnView;
  7: BaseRttView;
  8: RtoCbView;
  9: RetransCbView;
  10: StateCbView;
  11: TcpListenCbView;
  12: RttCbView;
  13: ParseHdrOptCbView;
  14: HdrOptLenCbView;
  15: WriteHdrOptCbView;
  16: TstampSchedCbView;
  17: TstampSndSwCbView;
  18: TstampSndHwCbView;
  19: TstampAckCbView;
  20: TstampSendmsgCbView;
}

/** The view of each kind that is selected. */
export interface KindViews {
  1: OpViews[keyof OpViews];
  2: RttSummaryView;
  3: SnapshotView;
}

