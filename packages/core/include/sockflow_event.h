/* Generated from packages/core/src/schema by `pnpm generate`: change the tables there. */
/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) OR Apache-2.0 */

#ifndef SOCKFLOW_EVENT_H
#define SOCKFLOW_EVENT_H

/* Include <linux/types.h> or vmlinux.h first. Little-endian. */

#define SOCKFLOW_AT(type, member, at, width) \
	_Static_assert(__builtin_offsetof(struct type, member) == (at) && sizeof(((struct type *)0)->member) == (width), #type "." #member " at " #at)

#define SOCKFLOW_SLOT_BYTES 256
#define SOCKFLOW_SLOT_WITH_HEADER_BYTES 320
#define SOCKFLOW_RING_HEADER_BYTES 8
#define SOCKFLOW_TCP_HEADER_MAX 60
#define SOCKFLOW_SECTION_TCP_HEADER 1
#define SOCKFLOW_LANE_BUCKETS 64

#define SOCKFLOW_KIND_OP 1
#define SOCKFLOW_KIND_RTT_SUMMARY 2
#define SOCKFLOW_KIND_SNAPSHOT 3
#define SOCKFLOW_KIND_LOSS_MARKER 4
#define SOCKFLOW_KIND_CLOCK_ANCHOR 5

#define SOCKFLOW_OP_VOID 0
#define SOCKFLOW_OP_TIMEOUT_INIT 1
#define SOCKFLOW_OP_RWND_INIT 2
#define SOCKFLOW_OP_TCP_CONNECT_CB 3
#define SOCKFLOW_OP_ACTIVE_ESTABLISHED_CB 4
#define SOCKFLOW_OP_PASSIVE_ESTABLISHED_CB 5
#define SOCKFLOW_OP_NEEDS_ECN 6
#define SOCKFLOW_OP_BASE_RTT 7
#define SOCKFLOW_OP_RTO_CB 8
#define SOCKFLOW_OP_RETRANS_CB 9
#define SOCKFLOW_OP_STATE_CB 10
#define SOCKFLOW_OP_TCP_LISTEN_CB 11
#define SOCKFLOW_OP_RTT_CB 12
#define SOCKFLOW_OP_PARSE_HDR_OPT_CB 13
#define SOCKFLOW_OP_HDR_OPT_LEN_CB 14
#define SOCKFLOW_OP_WRITE_HDR_OPT_CB 15
#define SOCKFLOW_OP_TSTAMP_SCHED_CB 16
#define SOCKFLOW_OP_TSTAMP_SND_SW_CB 17
#define SOCKFLOW_OP_TSTAMP_SND_HW_CB 18
#define SOCKFLOW_OP_TSTAMP_ACK_CB 19
#define SOCKFLOW_OP_TSTAMP_SENDMSG_CB 20

#define SOCKFLOW_CB_RTO 1
#define SOCKFLOW_CB_RETRANS 2
#define SOCKFLOW_CB_STATE 4
#define SOCKFLOW_CB_RTT 8
#define SOCKFLOW_CB_PARSE_ALL_HDR_OPT 16
#define SOCKFLOW_CB_PARSE_UNKNOWN_HDR_OPT 32
#define SOCKFLOW_CB_WRITE_HDR_OPT 64

#define SOCKFLOW_FAMILY_SHIFT 0
#define SOCKFLOW_FAMILY_MASK 15
#define SOCKFLOW_IS_FULLSOCK_SHIFT 4
#define SOCKFLOW_IS_FULLSOCK_MASK 1
#define SOCKFLOW_OWNER_ROLE_SHIFT 5
#define SOCKFLOW_OWNER_ROLE_MASK 3
#define SOCKFLOW_HAS_SKB_SHIFT 7
#define SOCKFLOW_HAS_SKB_MASK 1

#define SOCKFLOW_HAS_OP (1ULL << 0)
#define SOCKFLOW_HAS_BPF_SOCK_OPS_CB_FLAGS (1ULL << 1)
#define SOCKFLOW_HAS_STATE (1ULL << 2)
#define SOCKFLOW_HAS_SKB_TCP_FLAGS (1ULL << 3)
#define SOCKFLOW_HAS_ECN_FLAGS (1ULL << 4)
#define SOCKFLOW_HAS_FAMILY (1ULL << 5)
#define SOCKFLOW_HAS_IS_FULLSOCK (1ULL << 6)
#define SOCKFLOW_HAS_OWNER_ROLE (1ULL << 7)
#define SOCKFLOW_HAS_HAS_SKB (1ULL << 8)
#define SOCKFLOW_HAS_TS_BOOT_NS (1ULL << 9)
#define SOCKFLOW_HAS_COOKIE (1ULL << 10)
#define SOCKFLOW_HAS_NETNS_COOKIE (1ULL << 11)
#define SOCKFLOW_HAS_REMOTE_PORT (1ULL << 12)
#define SOCKFLOW_HAS_LOCAL_PORT (1ULL << 13)
#define SOCKFLOW_HAS_LANE_KEY (1ULL << 14)
#define SOCKFLOW_HAS_REMOTE_IP4 (1ULL << 15)
#define SOCKFLOW_HAS_LOCAL_IP4 (1ULL << 16)
#define SOCKFLOW_HAS_REMOTE_IP6 (1ULL << 17)
#define SOCKFLOW_HAS_LOCAL_IP6 (1ULL << 18)
#define SOCKFLOW_HAS_ARGS (1ULL << 19)
#define SOCKFLOW_HAS_CGROUP_ID (1ULL << 20)
#define SOCKFLOW_HAS_OWNER_PID (1ULL << 21)
#define SOCKFLOW_HAS_CPU (1ULL << 22)
#define SOCKFLOW_HAS_SK_ERR (1ULL << 23)
#define SOCKFLOW_HAS_OWNER_COMM (1ULL << 24)
#define SOCKFLOW_HAS_BYTES_RECEIVED (1ULL << 25)
#define SOCKFLOW_HAS_BYTES_ACKED (1ULL << 26)
#define SOCKFLOW_HAS_SKB_HWTSTAMP (1ULL << 27)
#define SOCKFLOW_HAS_SND_CWND (1ULL << 28)
#define SOCKFLOW_HAS_SRTT_US (1ULL << 29)
#define SOCKFLOW_HAS_RTT_MIN (1ULL << 30)
#define SOCKFLOW_HAS_SND_SSTHRESH (1ULL << 31)
#define SOCKFLOW_HAS_RCV_NXT (1ULL << 32)
#define SOCKFLOW_HAS_SND_NXT (1ULL << 33)
#define SOCKFLOW_HAS_SND_UNA (1ULL << 34)
#define SOCKFLOW_HAS_MSS_CACHE (1ULL << 35)
#define SOCKFLOW_HAS_RATE_DELIVERED (1ULL << 36)
#define SOCKFLOW_HAS_RATE_INTERVAL_US (1ULL << 37)
#define SOCKFLOW_HAS_PACKETS_OUT (1ULL << 38)
#define SOCKFLOW_HAS_RETRANS_OUT (1ULL << 39)
#define SOCKFLOW_HAS_TOTAL_RETRANS (1ULL << 40)
#define SOCKFLOW_HAS_SEGS_IN (1ULL << 41)
#define SOCKFLOW_HAS_DATA_SEGS_IN (1ULL << 42)
#define SOCKFLOW_HAS_SEGS_OUT (1ULL << 43)
#define SOCKFLOW_HAS_DATA_SEGS_OUT (1ULL << 44)
#define SOCKFLOW_HAS_LOST_OUT (1ULL << 45)
#define SOCKFLOW_HAS_SACKED_OUT (1ULL << 46)
#define SOCKFLOW_HAS_SK_TXHASH (1ULL << 47)
#define SOCKFLOW_HAS_SKB_LEN (1ULL << 48)
#define SOCKFLOW_HAS_TSKEY (1ULL << 49)
#define SOCKFLOW_HAS_TCP_HEADER (1ULL << 50)

/* One op event or snapshot, the ring buffer's 8-byte header included: a program that reserves ring memory gets it from byte 8. */
struct sockflow_event {
	__u32 header_length;               /*   0  the ring header: bytes after it, BUSY bit 31, DISCARD bit 30 */
	__u32 header_page;                 /*   4  the ring header: page offset, the kernel's own */
	__u8 kind;                         /*   8  SOCKFLOW_KIND_* */
	__u8 op;                           /*   9  the operator, Op */
	__u8 bpf_sock_ops_cb_flags;        /*  10  callback flags requested on the socket, CbFlag */
	__u8 state;                        /*  11  TCP state, TcpState; in STATE_CB still the old one */
	__u16 skb_tcp_flags;               /*  12  flags of the segment, TcpFlag */
	__u8 ecn_flags;                    /*  14  ECN state of the socket, EcnFlag */
	__u8 bits;                         /*  15  family, is_fullsock, owner_role, has_skb */
	__u64 ts_boot_ns;                  /*  16  ns since boot, suspend included (bpf_ktime_get_boot_ns) */
	__u64 cookie;                      /*  24  socket cookie: unique per host and boot, not ordered */
	__u64 netns_cookie;                /*  32  network namespace cookie */
	__u16 remote_port;                 /*  40  remote port, network byte order */
	__u16 local_port;                  /*  42  local port, host byte order */
	__u32 lane_key;                    /*  44  hash of the cookie: bits 0-5 choose the lane, 8-31 the sample */
	__u32 remote_ip4;                  /*  48  remote IPv4 address, network byte order */
	__u32 local_ip4;                   /*  52  local IPv4 address, network byte order */
	__u64 presence;                    /*  56  which fields mean something, SOCKFLOW_HAS_* */
	__u32 remote_ip6[4];               /*  64  remote IPv6 address, network byte order; v4-mapped for the server end of an AF_INET client */
	__u32 local_ip6[4];                /*  80  local IPv6 address, network byte order */
	__u32 args[4];                     /*  96  arguments of the op; the context overlays reply with args[0] */
	__u64 cgroup_id;                   /* 112  cgroup v2 id of the socket */
	__u32 owner_pid;                   /* 120  process that called connect or listen; accepted sockets have the listener's */
	__u16 cpu;                         /* 124  CPU that ran the program */
	__u16 sk_err;                      /* 126  pending errno of the socket, 0 none */
	char owner_comm[16];               /* 128  command name of owner_pid, zero-padded */
	__u64 bytes_received;              /* 144  bytes received; counts the FIN */
	__u64 bytes_acked;                 /* 152  bytes acknowledged; counts SYN and FIN */
	__u64 skb_hwtstamp;                /* 160  hardware time stamp of the segment, ns */
	__u32 snd_cwnd;                    /* 168  congestion window, packets */
	__u32 srtt_us;                     /* 172  smoothed RTT, us << 3; 0 before the first sample */
	__u32 rtt_min;                     /* 176  minimum RTT, us; 0xffffffff before the first sample */
	__u32 snd_ssthresh;                /* 180  slow start threshold, packets; 0x7fffffff is none */
	__u32 rcv_nxt;                     /* 184  next sequence number expected */
	__u32 snd_nxt;                     /* 188  next sequence number to send */
	__u32 snd_una;                     /* 192  first unacknowledged sequence number */
	__u32 mss_cache;                   /* 196  cached effective MSS, bytes */
	__u32 rate_delivered;              /* 200  packets delivered in the rate sample */
	__u32 rate_interval_us;            /* 204  length of the rate sample, us */
	__u32 packets_out;                 /* 208  packets in flight */
	__u32 retrans_out;                 /* 212  retransmitted packets in flight */
	__u32 total_retrans;               /* 216  retransmits in the connection's life; wraps */
	__u32 segs_in;                     /* 220  segments received; wraps */
	__u32 data_segs_in;                /* 224  segments with data received; wraps */
	__u32 segs_out;                    /* 228  segments sent; wraps */
	__u32 data_segs_out;               /* 232  segments with data sent; wraps */
	__u32 lost_out;                    /* 236  packets thought lost */
	__u32 sacked_out;                  /* 240  packets selectively acknowledged */
	__u32 sk_txhash;                   /* 244  hash of the transmit path */
	__u32 skb_len;                     /* 248  length of the segment, bytes */
	__u32 tskey;                       /* 252  key of the sendmsg that ops 16-20 belong to */
};
_Static_assert(sizeof(struct sockflow_event) == 256, "struct sockflow_event is 256 bytes");
SOCKFLOW_AT(sockflow_event, header_length, 0, 4);
SOCKFLOW_AT(sockflow_event, header_page, 4, 4);
SOCKFLOW_AT(sockflow_event, kind, 8, 1);
SOCKFLOW_AT(sockflow_event, op, 9, 1);
SOCKFLOW_AT(sockflow_event, bpf_sock_ops_cb_flags, 10, 1);
SOCKFLOW_AT(sockflow_event, state, 11, 1);
SOCKFLOW_AT(sockflow_event, skb_tcp_flags, 12, 2);
SOCKFLOW_AT(sockflow_event, ecn_flags, 14, 1);
SOCKFLOW_AT(sockflow_event, bits, 15, 1);
SOCKFLOW_AT(sockflow_event, ts_boot_ns, 16, 8);
SOCKFLOW_AT(sockflow_event, cookie, 24, 8);
SOCKFLOW_AT(sockflow_event, netns_cookie, 32, 8);
SOCKFLOW_AT(sockflow_event, remote_port, 40, 2);
SOCKFLOW_AT(sockflow_event, local_port, 42, 2);
SOCKFLOW_AT(sockflow_event, lane_key, 44, 4);
SOCKFLOW_AT(sockflow_event, remote_ip4, 48, 4);
SOCKFLOW_AT(sockflow_event, local_ip4, 52, 4);
SOCKFLOW_AT(sockflow_event, presence, 56, 8);
SOCKFLOW_AT(sockflow_event, remote_ip6, 64, 16);
SOCKFLOW_AT(sockflow_event, local_ip6, 80, 16);
SOCKFLOW_AT(sockflow_event, args, 96, 16);
SOCKFLOW_AT(sockflow_event, cgroup_id, 112, 8);
SOCKFLOW_AT(sockflow_event, owner_pid, 120, 4);
SOCKFLOW_AT(sockflow_event, cpu, 124, 2);
SOCKFLOW_AT(sockflow_event, sk_err, 126, 2);
SOCKFLOW_AT(sockflow_event, owner_comm, 128, 16);
SOCKFLOW_AT(sockflow_event, bytes_received, 144, 8);
SOCKFLOW_AT(sockflow_event, bytes_acked, 152, 8);
SOCKFLOW_AT(sockflow_event, skb_hwtstamp, 160, 8);
SOCKFLOW_AT(sockflow_event, snd_cwnd, 168, 4);
SOCKFLOW_AT(sockflow_event, srtt_us, 172, 4);
SOCKFLOW_AT(sockflow_event, rtt_min, 176, 4);
SOCKFLOW_AT(sockflow_event, snd_ssthresh, 180, 4);
SOCKFLOW_AT(sockflow_event, rcv_nxt, 184, 4);
SOCKFLOW_AT(sockflow_event, snd_nxt, 188, 4);
SOCKFLOW_AT(sockflow_event, snd_una, 192, 4);
SOCKFLOW_AT(sockflow_event, mss_cache, 196, 4);
SOCKFLOW_AT(sockflow_event, rate_delivered, 200, 4);
SOCKFLOW_AT(sockflow_event, rate_interval_us, 204, 4);
SOCKFLOW_AT(sockflow_event, packets_out, 208, 4);
SOCKFLOW_AT(sockflow_event, retrans_out, 212, 4);
SOCKFLOW_AT(sockflow_event, total_retrans, 216, 4);
SOCKFLOW_AT(sockflow_event, segs_in, 220, 4);
SOCKFLOW_AT(sockflow_event, data_segs_in, 224, 4);
SOCKFLOW_AT(sockflow_event, segs_out, 228, 4);
SOCKFLOW_AT(sockflow_event, data_segs_out, 232, 4);
SOCKFLOW_AT(sockflow_event, lost_out, 236, 4);
SOCKFLOW_AT(sockflow_event, sacked_out, 240, 4);
SOCKFLOW_AT(sockflow_event, sk_txhash, 244, 4);
SOCKFLOW_AT(sockflow_event, skb_len, 248, 4);
SOCKFLOW_AT(sockflow_event, tskey, 252, 4);

/* RTT samples of one socket, folded. */
struct sockflow_rtt_summary {
	__u32 header_length;               /*   0  the ring header: bytes after it, BUSY bit 31, DISCARD bit 30 */
	__u32 header_page;                 /*   4  the ring header: page offset, the kernel's own */
	__u8 kind;                         /*   8  SOCKFLOW_KIND_* */
	__u8 op;                           /*   9  the operator, Op */
	__u8 bpf_sock_ops_cb_flags;        /*  10  callback flags requested on the socket, CbFlag */
	__u8 state;                        /*  11  TCP state, TcpState; in STATE_CB still the old one */
	__u16 skb_tcp_flags;               /*  12  flags of the segment, TcpFlag */
	__u8 ecn_flags;                    /*  14  ECN state of the socket, EcnFlag */
	__u8 bits;                         /*  15  family, is_fullsock, owner_role, has_skb */
	__u64 ts_boot_ns;                  /*  16  ns since boot, suspend included (bpf_ktime_get_boot_ns) */
	__u64 cookie;                      /*  24  socket cookie: unique per host and boot, not ordered */
	__u64 netns_cookie;                /*  32  network namespace cookie */
	__u16 remote_port;                 /*  40  remote port, network byte order */
	__u16 local_port;                  /*  42  local port, host byte order */
	__u32 lane_key;                    /*  44  hash of the cookie: bits 0-5 choose the lane, 8-31 the sample */
	__u32 remote_ip4;                  /*  48  remote IPv4 address, network byte order */
	__u32 local_ip4;                   /*  52  local IPv4 address, network byte order */
	__u64 presence;                    /*  56  which fields mean something, SOCKFLOW_HAS_* */
	__u32 remote_ip6[4];               /*  64  remote IPv6 address, network byte order; v4-mapped for the server end of an AF_INET client */
	__u32 local_ip6[4];                /*  80  local IPv6 address, network byte order */
	__u32 args[4];                     /*  96  arguments of the op; the context overlays reply with args[0] */
	__u64 cgroup_id;                   /* 112  cgroup v2 id of the socket */
	__u32 owner_pid;                   /* 120  process that called connect or listen; accepted sockets have the listener's */
	__u16 cpu;                         /* 124  CPU that ran the program */
	__u16 sk_err;                      /* 126  pending errno of the socket, 0 none */
	char owner_comm[16];               /* 128  command name of owner_pid, zero-padded */
	__u64 rtt_sum_us;                  /* 144  sum of the samples, us */
	__u32 rtt_count;                   /* 152  samples */
	__u32 rtt_low_us;                  /* 156  smallest sample, us */
	__u32 rtt_high_us;                 /* 160  largest sample, us */
	__u32 rtt_buckets[23];             /* 164  samples per log2 bucket */
};
_Static_assert(sizeof(struct sockflow_rtt_summary) == 256, "struct sockflow_rtt_summary is 256 bytes");
SOCKFLOW_AT(sockflow_rtt_summary, header_length, 0, 4);
SOCKFLOW_AT(sockflow_rtt_summary, header_page, 4, 4);
SOCKFLOW_AT(sockflow_rtt_summary, kind, 8, 1);
SOCKFLOW_AT(sockflow_rtt_summary, op, 9, 1);
SOCKFLOW_AT(sockflow_rtt_summary, bpf_sock_ops_cb_flags, 10, 1);
SOCKFLOW_AT(sockflow_rtt_summary, state, 11, 1);
SOCKFLOW_AT(sockflow_rtt_summary, skb_tcp_flags, 12, 2);
SOCKFLOW_AT(sockflow_rtt_summary, ecn_flags, 14, 1);
SOCKFLOW_AT(sockflow_rtt_summary, bits, 15, 1);
SOCKFLOW_AT(sockflow_rtt_summary, ts_boot_ns, 16, 8);
SOCKFLOW_AT(sockflow_rtt_summary, cookie, 24, 8);
SOCKFLOW_AT(sockflow_rtt_summary, netns_cookie, 32, 8);
SOCKFLOW_AT(sockflow_rtt_summary, remote_port, 40, 2);
SOCKFLOW_AT(sockflow_rtt_summary, local_port, 42, 2);
SOCKFLOW_AT(sockflow_rtt_summary, lane_key, 44, 4);
SOCKFLOW_AT(sockflow_rtt_summary, remote_ip4, 48, 4);
SOCKFLOW_AT(sockflow_rtt_summary, local_ip4, 52, 4);
SOCKFLOW_AT(sockflow_rtt_summary, presence, 56, 8);
SOCKFLOW_AT(sockflow_rtt_summary, remote_ip6, 64, 16);
SOCKFLOW_AT(sockflow_rtt_summary, local_ip6, 80, 16);
SOCKFLOW_AT(sockflow_rtt_summary, args, 96, 16);
SOCKFLOW_AT(sockflow_rtt_summary, cgroup_id, 112, 8);
SOCKFLOW_AT(sockflow_rtt_summary, owner_pid, 120, 4);
SOCKFLOW_AT(sockflow_rtt_summary, cpu, 124, 2);
SOCKFLOW_AT(sockflow_rtt_summary, sk_err, 126, 2);
SOCKFLOW_AT(sockflow_rtt_summary, owner_comm, 128, 16);
SOCKFLOW_AT(sockflow_rtt_summary, rtt_sum_us, 144, 8);
SOCKFLOW_AT(sockflow_rtt_summary, rtt_count, 152, 4);
SOCKFLOW_AT(sockflow_rtt_summary, rtt_low_us, 156, 4);
SOCKFLOW_AT(sockflow_rtt_summary, rtt_high_us, 160, 4);
SOCKFLOW_AT(sockflow_rtt_summary, rtt_buckets, 164, 92);

/* Events that were lost before this place. */
struct sockflow_loss_marker {
	__u32 header_length;               /*   0  the ring header: bytes after it, BUSY bit 31, DISCARD bit 30 */
	__u32 header_page;                 /*   4  the ring header: page offset, the kernel's own */
	__u8 kind;                         /*   8  SOCKFLOW_KIND_* */
	__u8 op;                           /*   9  the operator, Op */
	__u8 bpf_sock_ops_cb_flags;        /*  10  callback flags requested on the socket, CbFlag */
	__u8 state;                        /*  11  TCP state, TcpState; in STATE_CB still the old one */
	__u16 skb_tcp_flags;               /*  12  flags of the segment, TcpFlag */
	__u8 ecn_flags;                    /*  14  ECN state of the socket, EcnFlag */
	__u8 bits;                         /*  15  family, is_fullsock, owner_role, has_skb */
	__u64 ts_boot_ns;                  /*  16  ns since boot, suspend included (bpf_ktime_get_boot_ns) */
	__u64 cookie;                      /*  24  socket cookie: unique per host and boot, not ordered */
	__u64 netns_cookie;                /*  32  network namespace cookie */
	__u16 remote_port;                 /*  40  remote port, network byte order */
	__u16 local_port;                  /*  42  local port, host byte order */
	__u32 lane_key;                    /*  44  hash of the cookie: bits 0-5 choose the lane, 8-31 the sample */
	__u32 remote_ip4;                  /*  48  remote IPv4 address, network byte order */
	__u32 local_ip4;                   /*  52  local IPv4 address, network byte order */
	__u64 presence;                    /*  56  which fields mean something, SOCKFLOW_HAS_* */
	__u32 remote_ip6[4];               /*  64  remote IPv6 address, network byte order; v4-mapped for the server end of an AF_INET client */
	__u32 local_ip6[4];                /*  80  local IPv6 address, network byte order */
	__u32 args[4];                     /*  96  arguments of the op; the context overlays reply with args[0] */
	__u64 cgroup_id;                   /* 112  cgroup v2 id of the socket */
	__u32 owner_pid;                   /* 120  process that called connect or listen; accepted sockets have the listener's */
	__u16 cpu;                         /* 124  CPU that ran the program */
	__u16 sk_err;                      /* 126  pending errno of the socket, 0 none */
	char owner_comm[16];               /* 128  command name of owner_pid, zero-padded */
	__u64 gap_start_ns;                /* 144  start of the gap, ns since boot */
	__u64 lost_ring_full;              /* 152  refused by a full ring */
	__u64 lost_shed_first;             /* 160  shed in the first class: raw RTT and query ops */
	__u64 lost_shed_last;              /* 168  shed in the last class: lifecycle and errors */
	__u64 lost_damaged;                /* 176  in damaged blocks of a recording */
	__u32 lost_lane;                   /* 184  lane that lost them */
	__u8 reserved_0[68];
};
_Static_assert(sizeof(struct sockflow_loss_marker) == 256, "struct sockflow_loss_marker is 256 bytes");
SOCKFLOW_AT(sockflow_loss_marker, header_length, 0, 4);
SOCKFLOW_AT(sockflow_loss_marker, header_page, 4, 4);
SOCKFLOW_AT(sockflow_loss_marker, kind, 8, 1);
SOCKFLOW_AT(sockflow_loss_marker, op, 9, 1);
SOCKFLOW_AT(sockflow_loss_marker, bpf_sock_ops_cb_flags, 10, 1);
SOCKFLOW_AT(sockflow_loss_marker, state, 11, 1);
SOCKFLOW_AT(sockflow_loss_marker, skb_tcp_flags, 12, 2);
SOCKFLOW_AT(sockflow_loss_marker, ecn_flags, 14, 1);
SOCKFLOW_AT(sockflow_loss_marker, bits, 15, 1);
SOCKFLOW_AT(sockflow_loss_marker, ts_boot_ns, 16, 8);
SOCKFLOW_AT(sockflow_loss_marker, cookie, 24, 8);
SOCKFLOW_AT(sockflow_loss_marker, netns_cookie, 32, 8);
SOCKFLOW_AT(sockflow_loss_marker, remote_port, 40, 2);
SOCKFLOW_AT(sockflow_loss_marker, local_port, 42, 2);
SOCKFLOW_AT(sockflow_loss_marker, lane_key, 44, 4);
SOCKFLOW_AT(sockflow_loss_marker, remote_ip4, 48, 4);
SOCKFLOW_AT(sockflow_loss_marker, local_ip4, 52, 4);
SOCKFLOW_AT(sockflow_loss_marker, presence, 56, 8);
SOCKFLOW_AT(sockflow_loss_marker, remote_ip6, 64, 16);
SOCKFLOW_AT(sockflow_loss_marker, local_ip6, 80, 16);
SOCKFLOW_AT(sockflow_loss_marker, args, 96, 16);
SOCKFLOW_AT(sockflow_loss_marker, cgroup_id, 112, 8);
SOCKFLOW_AT(sockflow_loss_marker, owner_pid, 120, 4);
SOCKFLOW_AT(sockflow_loss_marker, cpu, 124, 2);
SOCKFLOW_AT(sockflow_loss_marker, sk_err, 126, 2);
SOCKFLOW_AT(sockflow_loss_marker, owner_comm, 128, 16);
SOCKFLOW_AT(sockflow_loss_marker, gap_start_ns, 144, 8);
SOCKFLOW_AT(sockflow_loss_marker, lost_ring_full, 152, 8);
SOCKFLOW_AT(sockflow_loss_marker, lost_shed_first, 160, 8);
SOCKFLOW_AT(sockflow_loss_marker, lost_shed_last, 168, 8);
SOCKFLOW_AT(sockflow_loss_marker, lost_damaged, 176, 8);
SOCKFLOW_AT(sockflow_loss_marker, lost_lane, 184, 4);

/* The clocks at ts_boot_ns. */
struct sockflow_clock_anchor {
	__u32 header_length;               /*   0  the ring header: bytes after it, BUSY bit 31, DISCARD bit 30 */
	__u32 header_page;                 /*   4  the ring header: page offset, the kernel's own */
	__u8 kind;                         /*   8  SOCKFLOW_KIND_* */
	__u8 op;                           /*   9  the operator, Op */
	__u8 bpf_sock_ops_cb_flags;        /*  10  callback flags requested on the socket, CbFlag */
	__u8 state;                        /*  11  TCP state, TcpState; in STATE_CB still the old one */
	__u16 skb_tcp_flags;               /*  12  flags of the segment, TcpFlag */
	__u8 ecn_flags;                    /*  14  ECN state of the socket, EcnFlag */
	__u8 bits;                         /*  15  family, is_fullsock, owner_role, has_skb */
	__u64 ts_boot_ns;                  /*  16  ns since boot, suspend included (bpf_ktime_get_boot_ns) */
	__u64 cookie;                      /*  24  socket cookie: unique per host and boot, not ordered */
	__u64 netns_cookie;                /*  32  network namespace cookie */
	__u16 remote_port;                 /*  40  remote port, network byte order */
	__u16 local_port;                  /*  42  local port, host byte order */
	__u32 lane_key;                    /*  44  hash of the cookie: bits 0-5 choose the lane, 8-31 the sample */
	__u32 remote_ip4;                  /*  48  remote IPv4 address, network byte order */
	__u32 local_ip4;                   /*  52  local IPv4 address, network byte order */
	__u64 presence;                    /*  56  which fields mean something, SOCKFLOW_HAS_* */
	__u32 remote_ip6[4];               /*  64  remote IPv6 address, network byte order; v4-mapped for the server end of an AF_INET client */
	__u32 local_ip6[4];                /*  80  local IPv6 address, network byte order */
	__u32 args[4];                     /*  96  arguments of the op; the context overlays reply with args[0] */
	__u64 cgroup_id;                   /* 112  cgroup v2 id of the socket */
	__u32 owner_pid;                   /* 120  process that called connect or listen; accepted sockets have the listener's */
	__u16 cpu;                         /* 124  CPU that ran the program */
	__u16 sk_err;                      /* 126  pending errno of the socket, 0 none */
	char owner_comm[16];               /* 128  command name of owner_pid, zero-padded */
	__u64 realtime_ns;                 /* 144  wall clock, ns since 1970 UTC */
	__u64 monotonic_ns;                /* 152  monotonic clock, ns */
	__u64 uncertainty_ns;              /* 160  how far apart the readings may be, ns */
	__u8 reserved_0[88];
};
_Static_assert(sizeof(struct sockflow_clock_anchor) == 256, "struct sockflow_clock_anchor is 256 bytes");
SOCKFLOW_AT(sockflow_clock_anchor, header_length, 0, 4);
SOCKFLOW_AT(sockflow_clock_anchor, header_page, 4, 4);
SOCKFLOW_AT(sockflow_clock_anchor, kind, 8, 1);
SOCKFLOW_AT(sockflow_clock_anchor, op, 9, 1);
SOCKFLOW_AT(sockflow_clock_anchor, bpf_sock_ops_cb_flags, 10, 1);
SOCKFLOW_AT(sockflow_clock_anchor, state, 11, 1);
SOCKFLOW_AT(sockflow_clock_anchor, skb_tcp_flags, 12, 2);
SOCKFLOW_AT(sockflow_clock_anchor, ecn_flags, 14, 1);
SOCKFLOW_AT(sockflow_clock_anchor, bits, 15, 1);
SOCKFLOW_AT(sockflow_clock_anchor, ts_boot_ns, 16, 8);
SOCKFLOW_AT(sockflow_clock_anchor, cookie, 24, 8);
SOCKFLOW_AT(sockflow_clock_anchor, netns_cookie, 32, 8);
SOCKFLOW_AT(sockflow_clock_anchor, remote_port, 40, 2);
SOCKFLOW_AT(sockflow_clock_anchor, local_port, 42, 2);
SOCKFLOW_AT(sockflow_clock_anchor, lane_key, 44, 4);
SOCKFLOW_AT(sockflow_clock_anchor, remote_ip4, 48, 4);
SOCKFLOW_AT(sockflow_clock_anchor, local_ip4, 52, 4);
SOCKFLOW_AT(sockflow_clock_anchor, presence, 56, 8);
SOCKFLOW_AT(sockflow_clock_anchor, remote_ip6, 64, 16);
SOCKFLOW_AT(sockflow_clock_anchor, local_ip6, 80, 16);
SOCKFLOW_AT(sockflow_clock_anchor, args, 96, 16);
SOCKFLOW_AT(sockflow_clock_anchor, cgroup_id, 112, 8);
SOCKFLOW_AT(sockflow_clock_anchor, owner_pid, 120, 4);
SOCKFLOW_AT(sockflow_clock_anchor, cpu, 124, 2);
SOCKFLOW_AT(sockflow_clock_anchor, sk_err, 126, 2);
SOCKFLOW_AT(sockflow_clock_anchor, owner_comm, 128, 16);
SOCKFLOW_AT(sockflow_clock_anchor, realtime_ns, 144, 8);
SOCKFLOW_AT(sockflow_clock_anchor, monotonic_ns, 152, 8);
SOCKFLOW_AT(sockflow_clock_anchor, uncertainty_ns, 160, 8);

/* Follows the 256 bytes, n times: a tag, the bytes that follow, the bytes, padding to 4. Tag 0 ends. */
struct sockflow_section {
	__u16 tag;
	__u16 length;
	__u8 bytes[];
};
_Static_assert(sizeof(struct sockflow_section) == 4, "a section's header is 4 bytes");

/* Which fields of a slot mean something: the rule of presence-rule.ts. `captured` masks what the loader could read. */
static inline __attribute__((always_inline)) __u64
sockflow_presence(__u32 kind, __u32 op, __u32 family, __u32 is_fullsock, __u32 role, __u32 owner_pid, __u32 has_skb,
		  __u32 arg0, __u32 arg1, __u32 hwtstamp_set, __u32 header_length, __u64 captured)
{
	int has_metrics = kind != 2;
	__u64 bits = 0x407f65ULL;

	if (kind == 4 || kind == 5)
		return 0x400200ULL & captured;
	if (family == 2)
		bits |= 0x18000ULL;
	if (family == 10)
		bits |= 0x60000ULL;
	if (has_metrics && (op == 8 || op == 9 || op == 10 || op == 14 || op == 15 || op > 20 || (op == 12 && (arg0 != 0 || arg1 != 0))))
		bits |= 0x80000ULL;
	if (is_fullsock == 1)
		bits |= 0x900000ULL;
	if (has_metrics && (is_fullsock == 1 && (op < 16 || op > 20)))
		bits |= 0xfffff6000012ULL;
	if (has_metrics && (((op == 4 || op == 5 || op == 13 || op == 15 || op > 20) && has_skb == 1) || (op == 14 && arg0 != 1) || (op >= 16 && op <= 20)))
		bits |= 0x1000000000000ULL;
	if (has_metrics && (((op == 4 || op == 5 || op == 13 || op == 15 || op > 20) && has_skb == 1) || (op == 14 && arg0 != 1) || op == 19 || op == 20))
		bits |= 0x8ULL;
	if (has_metrics && (hwtstamp_set == 1))
		bits |= 0x8000000ULL;
	if (owner_pid != 0)
		bits |= 0x1200000ULL;
	if (role != 0)
		bits |= 0x80ULL;
	if (has_metrics && (op >= 16 && op <= 20))
		bits |= 0x2000000000000ULL;
	if (has_metrics && (header_length != 0))
		bits |= 0x4000000000000ULL;
	return bits & captured;
}

/* The hash of a socket cookie: bits 0-5 choose the lane, 8-31 the sample. The same as laneKey() in lane-key.ts. */
static inline __attribute__((always_inline)) __u32 sockflow_lane_key(__u64 cookie)
{
	__u32 hash = (__u32)cookie ^ ((__u32)(cookie >> 32) * 0x9e3779b1U);

	hash = (hash ^ (hash >> 16)) * 0x85ebca6bU;
	hash = (hash ^ (hash >> 13)) * 0xc2b2ae35U;
	return hash ^ (hash >> 16);
}

#endif
