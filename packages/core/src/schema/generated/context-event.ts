/* Generated from packages/core/src/schema by `pnpm generate`: change the tables there. */

/** A u64: a decimal string as JSON has it, a bigint, or a safe integer. */
export type U64Value = bigint | number | string;

/** A section after byte 256 that the schema does not name: its tag and its bytes in hexadecimal. */
export type ContextSection = readonly [tag: number, hex: string];

/** An op event with its fields as `struct bpf_sock_ops` gave them: no byte swap, no shift, no unit changed. */
export interface OpContext {
  readonly kind?: 'OP' | undefined;
  /** ns since boot, suspend included (bpf_ktime_get_boot_ns) */
  readonly ts_boot_ns: U64Value;
  /** CPU that ran the program */
  readonly cpu?: number | undefined;
  /** the operator, Op */
  readonly op: number;
  /** arguments of the op; the context overlays reply with args[0] */
  readonly args?: readonly number[] | undefined;
  /** address family, Family */
  readonly family: number;
  /** remote IPv4 address, network byte order */
  readonly remote_ip4?: number | undefined;
  /** local IPv4 address, network byte order */
  readonly local_ip4?: number | undefined;
  /** remote IPv6 address, network byte order; v4-mapped for the server end of an AF_INET client */
  readonly remote_ip6?: readonly number[] | undefined;
  /** local IPv6 address, network byte order */
  readonly local_ip6?: readonly number[] | undefined;
  /** remote port, network byte order in the upper half of the u32 */
  readonly remote_port: number;
  /** local port, host byte order */
  readonly local_port: number;
  /** 0 for request sockets: no TCP metrics then */
  readonly is_fullsock: number;
  /** congestion window, packets */
  readonly snd_cwnd?: number | undefined;
  /** smoothed RTT, us << 3; 0 before the first sample */
  readonly srtt_us?: number | undefined;
  /** callback flags requested on the socket, CbFlag */
  readonly bpf_sock_ops_cb_flags?: number | undefined;
  /** TCP state, TcpState; in STATE_CB still the old one */
  readonly state: number;
  /** minimum RTT, us; 0xffffffff before the first sample */
  readonly rtt_min?: number | undefined;
  /** slow start threshold, packets; 0x7fffffff is none */
  readonly snd_ssthresh?: number | undefined;
  /** next sequence number expected */
  readonly rcv_nxt?: number | undefined;
  /** next sequence number to send */
  readonly snd_nxt?: number | undefined;
  /** first unacknowledged sequence number */
  readonly snd_una?: number | undefined;
  /** cached effective MSS, bytes */
  readonly mss_cache?: number | undefined;
  /** ECN state of the socket, EcnFlag */
  readonly ecn_flags?: number | undefined;
  /** packets delivered in the rate sample */
  readonly rate_delivered?: number | undefined;
  /** length of the rate sample, us */
  readonly rate_interval_us?: number | undefined;
  /** packets in flight */
  readonly packets_out?: number | undefined;
  /** retransmitted packets in flight */
  readonly retrans_out?: number | undefined;
  /** retransmits in the connection's life; wraps */
  readonly total_retrans?: number | undefined;
  /** segments received; wraps */
  readonly segs_in?: number | undefined;
  /** segments with data received; wraps */
  readonly data_segs_in?: number | undefined;
  /** segments sent; wraps */
  readonly segs_out?: number | undefined;
  /** segments with data sent; wraps */
  readonly data_segs_out?: number | undefined;
  /** packets thought lost */
  readonly lost_out?: number | undefined;
  /** packets selectively acknowledged */
  readonly sacked_out?: number | undefined;
  /** hash of the transmit path */
  readonly sk_txhash?: number | undefined;
  /** bytes received; counts the FIN */
  readonly bytes_received?: U64Value | undefined;
  /** bytes acknowledged; counts SYN and FIN */
  readonly bytes_acked?: U64Value | undefined;
  /** length of the segment, bytes */
  readonly skb_len?: number | undefined;
  /** flags of the segment, TcpFlag */
  readonly skb_tcp_flags?: number | undefined;
  /** hardware time stamp of the segment, ns */
  readonly skb_hwtstamp?: U64Value | undefined;
  /** whether skb_data held a TCP header */
  readonly has_skb?: number | undefined;
  /** section 1: the TCP header as captured, at most 60 bytes */
  readonly tcp_header?: string | undefined;
  /** socket cookie: unique per host and boot, not ordered */
  readonly cookie: U64Value;
  /** network namespace cookie */
  readonly netns_cookie?: U64Value | undefined;
  /** cgroup v2 id of the socket */
  readonly cgroup_id?: U64Value | undefined;
  /** pending errno of the socket, 0 none */
  readonly sk_err?: number | undefined;
  /** process that called connect or listen; accepted sockets have the listener's */
  readonly owner_pid?: number | undefined;
  /** command name of owner_pid, zero-padded */
  readonly owner_comm?: string | undefined;
  /** Role: which end called connect or listen; 0 not known */
  readonly owner_role?: number | undefined;
  /** key of the sendmsg that ops 16-20 belong to */
  readonly tskey?: number | undefined;
  /** sections that the schema does not name */
  readonly sections?: readonly ContextSection[] | undefined;
}

/** A connection as it stood at `ts_boot_ns`: no op, otherwise as an op event. */
export interface SnapshotContext {
  readonly kind: 'SNAPSHOT';
  /** ns since boot, suspend included (bpf_ktime_get_boot_ns) */
  readonly ts_boot_ns: U64Value;
  /** CPU that ran the program */
  readonly cpu?: number | undefined;
  /** arguments of the op; the context overlays reply with args[0] */
  readonly args?: readonly number[] | undefined;
  /** address family, Family */
  readonly family: number;
  /** remote IPv4 address, network byte order */
  readonly remote_ip4?: number | undefined;
  /** local IPv4 address, network byte order */
  readonly local_ip4?: number | undefined;
  /** remote IPv6 address, network byte order; v4-mapped for the server end of an AF_INET client */
  readonly remote_ip6?: readonly number[] | undefined;
  /** local IPv6 address, network byte order */
  readonly local_ip6?: readonly number[] | undefined;
  /** remote port, network byte order in the upper half of the u32 */
  readonly remote_port: number;
  /** local port, host byte order */
  readonly local_port: number;
  /** 0 for request sockets: no TCP metrics then */
  readonly is_fullsock: number;
  /** congestion window, packets */
  readonly snd_cwnd?: number | undefined;
  /** smoothed RTT, us << 3; 0 before the first sample */
  readonly srtt_us?: number | undefined;
  /** callback flags requested on the socket, CbFlag */
  readonly bpf_sock_ops_cb_flags?: number | undefined;
  /** TCP state, TcpState; in STATE_CB still the old one */
  readonly state: number;
  /** minimum RTT, us; 0xffffffff before the first sample */
  readonly rtt_min?: number | undefined;
  /** slow start threshold, packets; 0x7fffffff is none */
  readonly snd_ssthresh?: number | undefined;
  /** next sequence number expected */
  readonly rcv_nxt?: number | undefined;
  /** next sequence number to send */
  readonly snd_nxt?: number | undefined;
  /** first unacknowledged sequence number */
  readonly snd_una?: number | undefined;
  /** cached effective MSS, bytes */
  readonly mss_cache?: number | undefined;
  /** ECN state of the socket, EcnFlag */
  readonly ecn_flags?: number | undefined;
  /** packets delivered in the rate sample */
  readonly rate_delivered?: number | undefined;
  /** length of the rate sample, us */
  readonly rate_interval_us?: number | undefined;
  /** packets in flight */
  readonly packets_out?: number | undefined;
  /** retransmitted packets in flight */
  readonly retrans_out?: number | undefined;
  /** retransmits in the connection's life; wraps */
  readonly total_retrans?: number | undefined;
  /** segments received; wraps */
  readonly segs_in?: number | undefined;
  /** segments with data received; wraps */
  readonly data_segs_in?: number | undefined;
  /** segments sent; wraps */
  readonly segs_out?: number | undefined;
  /** segments with data sent; wraps */
  readonly data_segs_out?: number | undefined;
  /** packets thought lost */
  readonly lost_out?: number | undefined;
  /** packets selectively acknowledged */
  readonly sacked_out?: number | undefined;
  /** hash of the transmit path */
  readonly sk_txhash?: number | undefined;
  /** bytes received; counts the FIN */
  readonly bytes_received?: U64Value | undefined;
  /** bytes acknowledged; counts SYN and FIN */
  readonly bytes_acked?: U64Value | undefined;
  /** length of the segment, bytes */
  readonly skb_len?: number | undefined;
  /** flags of the segment, TcpFlag */
  readonly skb_tcp_flags?: number | undefined;
  /** hardware time stamp of the segment, ns */
  readonly skb_hwtstamp?: U64Value | undefined;
  /** whether skb_data held a TCP header */
  readonly has_skb?: number | undefined;
  /** section 1: the TCP header as captured, at most 60 bytes */
  readonly tcp_header?: string | undefined;
  /** socket cookie: unique per host and boot, not ordered */
  readonly cookie: U64Value;
  /** network namespace cookie */
  readonly netns_cookie?: U64Value | undefined;
  /** cgroup v2 id of the socket */
  readonly cgroup_id?: U64Value | undefined;
  /** pending errno of the socket, 0 none */
  readonly sk_err?: number | undefined;
  /** process that called connect or listen; accepted sockets have the listener's */
  readonly owner_pid?: number | undefined;
  /** command name of owner_pid, zero-padded */
  readonly owner_comm?: string | undefined;
  /** Role: which end called connect or listen; 0 not known */
  readonly owner_role?: number | undefined;
  /** key of the sendmsg that ops 16-20 belong to */
  readonly tskey?: number | undefined;
}

/** RTT samples of one socket, folded. */
export interface RttSummaryContext {
  readonly kind: 'RTT_SUMMARY';
  /** ns since boot, suspend included (bpf_ktime_get_boot_ns) */
  readonly ts_boot_ns: U64Value;
  /** CPU that ran the program */
  readonly cpu?: number | undefined;
  /** address family, Family */
  readonly family: number;
  /** remote IPv4 address, network byte order */
  readonly remote_ip4?: number | undefined;
  /** local IPv4 address, network byte order */
  readonly local_ip4?: number | undefined;
  /** remote IPv6 address, network byte order; v4-mapped for the server end of an AF_INET client */
  readonly remote_ip6?: readonly number[] | undefined;
  /** local IPv6 address, network byte order */
  readonly local_ip6?: readonly number[] | undefined;
  /** remote port, network byte order in the upper half of the u32 */
  readonly remote_port: number;
  /** local port, host byte order */
  readonly local_port: number;
  /** 0 for request sockets: no TCP metrics then */
  readonly is_fullsock: number;
  /** TCP state, TcpState; in STATE_CB still the old one */
  readonly state: number;
  /** whether skb_data held a TCP header */
  readonly has_skb?: number | undefined;
  /** socket cookie: unique per host and boot, not ordered */
  readonly cookie: U64Value;
  /** network namespace cookie */
  readonly netns_cookie?: U64Value | undefined;
  /** cgroup v2 id of the socket */
  readonly cgroup_id?: U64Value | undefined;
  /** pending errno of the socket, 0 none */
  readonly sk_err?: number | undefined;
  /** process that called connect or listen; accepted sockets have the listener's */
  readonly owner_pid?: number | undefined;
  /** command name of owner_pid, zero-padded */
  readonly owner_comm?: string | undefined;
  /** Role: which end called connect or listen; 0 not known */
  readonly owner_role?: number | undefined;
  /** sum of the samples, us */
  readonly rtt_sum_us: U64Value;
  /** samples */
  readonly rtt_count: number;
  /** smallest sample, us */
  readonly rtt_low_us: number;
  /** largest sample, us */
  readonly rtt_high_us: number;
  /** samples per log2 bucket */
  readonly rtt_buckets: readonly number[];
}

/** Events that were lost before this place. */
export interface LossMarkerContext {
  readonly kind: 'LOSS_MARKER';
  /** ns since boot, suspend included (bpf_ktime_get_boot_ns) */
  readonly ts_boot_ns: U64Value;
  /** CPU that ran the program */
  readonly cpu?: number | undefined;
  /** start of the gap, ns since boot */
  readonly gap_start_ns: U64Value;
  /** refused by a full ring */
  readonly lost_ring_full: U64Value;
  /** shed in the first class: raw RTT and query ops */
  readonly lost_shed_first: U64Value;
  /** shed in the last class: lifecycle and errors */
  readonly lost_shed_last: U64Value;
  /** in damaged blocks of a recording */
  readonly lost_damaged: U64Value;
  /** lane that lost them */
  readonly lost_lane: number;
}

/** The clocks of the origin at `ts_boot_ns`. */
export interface ClockAnchorContext {
  readonly kind: 'CLOCK_ANCHOR';
  /** ns since boot, suspend included (bpf_ktime_get_boot_ns) */
  readonly ts_boot_ns: U64Value;
  /** CPU that ran the program */
  readonly cpu?: number | undefined;
  /** wall clock, ns since 1970 UTC */
  readonly realtime_ns: U64Value;
  /** monotonic clock, ns */
  readonly monotonic_ns: U64Value;
  /** how far apart the readings may be, ns */
  readonly uncertainty_ns: U64Value;
}

/** What a slot holds, as raw fields. */
export type ContextEvent =
  | OpContext
  | SnapshotContext
  | RttSummaryContext
  | LossMarkerContext
  | ClockAnchorContext;

