/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Structures of the running kernel, of each only what is read: libbpf puts in the true offsets at load (CO-RE). Names are the kernel's, the files where they
 * are declared stand above them. A field that some kernel lacks is read behind bpf_core_field_exists() or behind a feature of the configuration only.
 */
#ifndef SOCKFLOW_KERNEL_TYPES_H
#define SOCKFLOW_KERNEL_TYPES_H

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/sched.h */
struct task_struct {
	int tgid;
	char comm[16];
};

/* include/linux/kernfs.h */
struct kernfs_node {
	__u64 id;
};

/* include/linux/cgroup-defs.h; `ancestors` since 6.1 */
struct cgroup {
	struct kernfs_node *kn;
	int level;
	struct cgroup *ancestors[1];
};

/* include/linux/cgroup-defs.h, as it is since 5.15 */
struct sock_cgroup_data {
	struct cgroup *cgroup;
};

/* The same before 5.15: a pointer unless one of the two low bits says otherwise. */
struct sock_cgroup_data___before_5_15 {
	__u64 val;
};

/* include/net/net_namespace.h; a plain u64 since 5.12 */
struct net {
	__u64 net_cookie;
};

/* include/net/net_namespace.h */
typedef struct {
	struct net *net;
} possible_net_t;

struct in6_addr {
	union {
		__u32 u6_addr32[4];
	} in6_u;
};

/* include/net/sock.h */
struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

/* include/net/sock.h */
struct sock {
	struct sock_common __sk_common;
	int sk_err;
	__u32 sk_txhash;
	struct sock_cgroup_data sk_cgrp_data;
};

struct inet_sock {
	struct sock sk;
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
};

/* include/linux/win_minmax.h */
struct minmax_sample {
	__u32 t;
	__u32 v;
};

struct minmax {
	struct minmax_sample s[3];
};

/* include/linux/tcp.h */
struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u64 bytes_received;
	__u64 bytes_acked;
	__u32 snd_cwnd;
	__u32 srtt_us;
	struct minmax rtt_min;
	__u32 snd_ssthresh;
	__u32 rcv_nxt;
	__u32 snd_nxt;
	__u32 snd_una;
	__u32 mss_cache;
	__u8 ecn_flags;
	__u32 rate_delivered;
	__u32 rate_interval_us;
	__u32 packets_out;
	__u32 retrans_out;
	__u32 total_retrans;
	__u32 segs_in;
	__u32 data_segs_in;
	__u32 segs_out;
	__u32 data_segs_out;
	__u32 lost_out;
	__u32 sacked_out;
	__u8 bpf_sock_ops_cb_flags;
};

/* include/linux/skbuff.h */
struct skb_shared_info {
	__u32 tskey;
};

struct sk_buff {
	unsigned int end;
	unsigned char *head;
};

/* include/linux/filter.h: what the context of the program really is */
struct bpf_sock_ops_kern {
	struct sock *sk;
	struct sk_buff *skb;
};

#pragma clang attribute pop

/* Contexts of the iterators: net/ipv4/tcp_ipv4.c and net/core/bpf_sk_storage.c. Their layout is fixed: every member takes 8 bytes. */
struct tcp_iterator_context {
	void *meta;
	struct sock_common *sk_common;
};

struct storage_iterator_context {
	void *meta;
	void *map;
	struct sock *sk;
	void *value;
};

#define AF_INET 2
#define AF_INET6 10

#define SOL_SOCKET 1
#define SOL_TCP 6
/* include/uapi/linux/bpf.h; the headers that we are compiled with may be older */
#define SET_TCP_CB_FLAGS 1008 /* TCP_BPF_SOCK_OPS_CB_FLAGS, 6.12 */
#define SET_SK_CB_FLAGS 1009  /* SK_BPF_CB_FLAGS, 6.15 */
#define SK_CB_TX_TIMESTAMPING 1 /* SK_BPF_CB_TX_TIMESTAMPING, 6.15 */
/* offsetof(struct bpf_sock_ops, skb_hwtstamp), 6.2 */
#define CONTEXT_HWTSTAMP_OFFSET 216

/* include/net/tcp_states.h */
#define STATE_CLOSE 7
#define STATE_LISTEN 10

#endif
