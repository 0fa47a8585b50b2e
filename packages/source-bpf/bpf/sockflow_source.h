/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel programs (sockflow.bpf.c) and the addon (native/) share: the settings that are frozen before loading, the counters, the words of a lane.
 *
 * Include <linux/types.h> first. Little-endian.
 *
 *   map             type                 key          value                          written by
 *   --------------  -------------------  -----------  -----------------------------  -----------------------------------------------
 *   .rodata.config  array, frozen        0            struct sockflow_config         addon, before load
 *   rings           array of maps        lane         ring buffer of ring_bytes      program; consumer position: the lane
 *   lane_words      array, mmapable      lane         struct sockflow_lane_word      the lane, and the program the rest of it
 *   gaps            array                lane         struct sockflow_gap            program
 *   counters        per-CPU array        lane         struct sockflow_counters       program
 *   ports           hash                 u16 port     u8 SOCKFLOW_END_*              addon, before attach
 *   networks        LPM trie             sockflow_network  u8 SOCKFLOW_END_*         addon, before attach
 *   sockets         socket storage       socket       struct sockflow_socket         program
 *
 * Invariants
 *   B1  Per lane and class, once no program runs any more: seen + made = submitted + not_asked + filtered + folded + shed + lost. Core's ledger checks it as K1.
 *   B2  Each run of the program counts `seen` once, and one fate once, in the lane of its connection. What the program makes itself counts `made` and a fate.
 *   B3  Counters are added to atomically: a program in process context may be interrupted by one in softirq on the same CPU.
 *   B4  The sum of `lost` and `shed` over the classes of a lane = what the lane's loss markers say + what its gap still holds.
 *   B5  A loss marker is reserved before the event that follows a loss by a full ring, so it lies in its place in time. What was only shed, connections at a time
 *       and on purpose, is told by the first event a millisecond after the gap began: else every other slot of a nearly full ring would be a marker.
 *   B6  The program returns 1, never writes `reply`, never reserves or writes a header option, and only adds cb flags.
 *   B7  Of the samples `folded`: summarised (told by summaries that were submitted) + those of summaries shed or lost + what sockets still hold.
 */
#ifndef SOCKFLOW_SOURCE_H
#define SOCKFLOW_SOURCE_H

#define SOCKFLOW_MAX_LANES 64

/* Shed first: raw RTT samples, query ops, header options, time stamps. Shed last: lifecycle, errors, summaries, snapshots. Markers count as last. */
#define SOCKFLOW_CLASS_FIRST 0
#define SOCKFLOW_CLASS_LAST 1
#define SOCKFLOW_CLASSES 2

/* Which end a port or network is compared with. */
#define SOCKFLOW_END_LOCAL 1
#define SOCKFLOW_END_REMOTE 2

#define SOCKFLOW_RTT_OFF 0
#define SOCKFLOW_RTT_FOLDED 1
#define SOCKFLOW_RTT_RAW 2

#define SOCKFLOW_RTT_BUCKETS 23
/* Bit of ops_mask for every op above 62 that still fits a byte. */
#define SOCKFLOW_OP_UNKNOWN_BIT 63

/* What the program may use on this kernel with these capabilities: found by loading tiny programs, never by a version. */
#define SOCKFLOW_CAN_NETNS_COOKIE (1U << 0)  /* bpf_get_netns_cookie, 5.15 */
#define SOCKFLOW_CAN_CURRENT_PID (1U << 1)   /* bpf_get_current_pid_tgid, 6.10 */
#define SOCKFLOW_CAN_CURRENT_COMM (1U << 2)  /* bpf_get_current_comm, 6.16 */
#define SOCKFLOW_CAN_TASK_READ (1U << 3)            /* bpf_get_current_task + bpf_probe_read_kernel: pid and comm before those */
#define SOCKFLOW_CAN_SOCK_READ (1U << 4)            /* bpf_skc_to_tcp_sock, CAP_PERFMON: sk_err, cgroup id */
#define SOCKFLOW_CAN_HWTSTAMP (1U << 5)             /* ctx->skb_hwtstamp, 6.2 */
#define SOCKFLOW_CAN_TSTAMP (1U << 6)               /* ops 16-20 and their kfuncs, 6.15 */
#define SOCKFLOW_CAN_KERN_CTX (1U << 7)             /* bpf_cast_to_kern_ctx: tskey */
#define SOCKFLOW_CAN_TAKE_IN (1U << 8)              /* iter/tcp with bpf_setsockopt of cb flags, 6.12, CAP_PERFMON */
#define SOCKFLOW_CAN_STORAGE_ITER (1U << 9)         /* iter/bpf_sk_storage_map, CAP_PERFMON: summaries at the end */

/* Placeholders of kfunc calls in sockflow_events_tstamp: the addon puts the ids of the kernel's BTF in their place. */
#define SOCKFLOW_KFUNC_CAST_TO_KERN_CTX 0x50f10001
#define SOCKFLOW_KFUNC_RDONLY_CAST 0x50f10002
#define SOCKFLOW_KFUNC_ENABLE_TX_TSTAMP 0x50f10003

struct sockflow_config {
	__u64 ops_mask;            /* bit per op asked for; RTT_CB only where samples are raw */
	__u64 captured;            /* presence bits of what this loader can read at all, SOCKFLOW_HAS_* of sockflow_event.h */
	__u64 fold_interval_ns;    /* least time between two summaries of a socket; 0: at close only */
	__u64 cgroup_id;           /* of the cgroup attached to: who is taken in */
	__u32 cgroup_level;        /* its depth; 0 is the root */
	__u32 lanes;
	__u32 ring_bytes;          /* of each lane */
	__u32 features;            /* SOCKFLOW_CAN_* */
	__u32 shed_first_from;     /* bytes in the ring from which the first class is shed, */
	__u32 shed_first_all;      /* and from which all of it is; in between whole connections by their sample bits */
	__u32 shed_last_from;
	__u32 shed_last_all;
	__u32 sample_threshold;    /* keep lane_key >> 8 below it; 1 << 24 keeps all */
	__u32 kinds_mask;          /* bit per kind that some output can take; markers always pass */
	__u8 cb_flags;             /* SOCKFLOW_CB_* to request */
	__u8 rtt_mode;             /* SOCKFLOW_RTT_* */
	__u8 ecn_on_request_only;  /* NEEDS_ECN of full sockets is not asked for */
	__u8 request_tstamp;       /* SK_BPF_CB_FLAGS, and opting in each sendmsg */
	__u8 filters_ops;          /* filter_ops_mask is in force */
	__u8 filters_ports;        /* `ports` is in force */
	__u8 filters_networks;     /* `networks` is in force */
	__u8 reserved;
	__u64 filter_ops_mask;     /* ops that some output can take: the others are asked for and filtered */
};

/* Fates of events: B1. */
struct sockflow_fates {
	__u64 seen;
	__u64 made;
	__u64 submitted;
	__u64 not_asked;
	__u64 filtered;
	__u64 folded;
	__u64 shed;
	__u64 lost;                /* the ring was full */
};

/* Per lane and CPU. */
struct sockflow_counters {
	struct sockflow_fates fates[SOCKFLOW_CLASSES];
	__u64 made_by_kind[8];     /* by SOCKFLOW_KIND_*: of `made` */
	__u64 summarised;          /* RTT samples told by summaries that were submitted */
	__u64 flags_clobbered;     /* times that somebody took our cb flags off a socket and they were put back */
	__u64 op_misfit;           /* ops above 255: not asked for */
	__u64 storage_failed;      /* sockets without storage: owner unknown, RTT not folded */
	__u64 taken_in;            /* existing connections */
	__u64 wakeups;             /* times that the program woke the lane */
	__u64 used_bytes;          /* of the ring, when this CPU last looked; a hint */
	__u64 looks;               /* times that this CPU would have looked; a hint */
};

/* A cache line for each lane, mapped by the lane. */
struct sockflow_lane_word {
	__u32 is_asleep;           /* the lane sets it before its last look at the ring, and clears it when awake; a program that wakes it clears it before */
	__u32 reserved[15];
};

/* What was lost since the last loss marker. */
struct sockflow_gap {
#ifdef __bpf__
	struct bpf_spin_lock lock;
#else
	__u32 lock;
#endif
	__u32 is_pending;          /* read without the lock */
	__u64 start_ns;            /* boot time of the first loss */
	__u64 ring_full;
	__u64 shed_first;
	__u64 shed_last;
};

/* A key of the LPM trie; IPv4 as ::ffff:a.b.c.d, prefix from 96 on. */
struct sockflow_network {
	__u32 prefix_bits;
	__u8 address[16];
};

/* In `added`: SK_BPF_CB_FLAGS were ours. */
#define SOCKFLOW_ADDED_TSTAMP 128

/* What is kept for a socket; an accepted one inherits its listener's (BPF_F_CLONE). */
struct sockflow_socket {
	__u32 owner_pid;           /* who called connect or listen, 0 unknown */
	__u8 role;                 /* 0 unknown, 1 client, 2 server */
	__u8 requested;            /* cb flags of ours that were set */
	__u8 added;                /* those of them that nobody had set before: what is cleared at the end; SOCKFLOW_ADDED_TSTAMP too */
	__u8 is_listener;
	char owner_comm[16];
	__u64 cookie;              /* 0: not looked up yet, nor the four below; a child's are its own */
	__u64 netns_cookie;
	__u64 cgroup_id;
	__u32 lane_key;
	__u32 lane_index;          /* what every event reads ends here: 56 bytes, which the kernel puts into one cache line */
	__u64 fold_start_ns;       /* first sample since the last summary */
	__u64 rtt_sum_us;
	__u32 rtt_count;
	__u32 rtt_low_us;
	__u32 rtt_high_us;
	__u32 rtt_buckets[SOCKFLOW_RTT_BUCKETS];
};

#endif
