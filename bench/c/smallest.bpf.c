/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The smallest sock_ops program that fills the slots which Sockflow's fills: every op, every field, the captured header. It asks for the callbacks and reserves, fills, submits;
 * it has no settings, filters, lanes, counters, owners (those bytes are zero) and loss markers, and a full ring is silence.
 */
#include <linux/types.h>

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "sockflow_event.h"

#define CB_FLAGS (SOCKFLOW_CB_RTO | SOCKFLOW_CB_RETRANS | SOCKFLOW_CB_STATE | SOCKFLOW_CB_RTT)
#define CAPTURED ~(SOCKFLOW_HAS_OWNER_PID | SOCKFLOW_HAS_OWNER_COMM | SOCKFLOW_HAS_OWNER_ROLE | SOCKFLOW_HAS_TSKEY)
#define AF_INET 2
/* Behind the last field that older headers know (6.2). */
#define SKB_HWTSTAMP(ctx) (*(__u64 *)((void *)(ctx) + __builtin_offsetof(struct bpf_sock_ops, skb_tcp_flags) + 4))

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 24);
} ring SEC(".maps");

struct kernfs_node {
	__u64 id;
} __attribute__((preserve_access_index));

struct cgroup {
	struct kernfs_node *kn;
} __attribute__((preserve_access_index));

struct sock_cgroup_data {
	struct cgroup *cgroup;
} __attribute__((preserve_access_index));

struct sock {
	int sk_err;
	struct sock_cgroup_data sk_cgrp_data;
} __attribute__((preserve_access_index));

static __always_inline void request(struct bpf_sock_ops *ctx)
{
	if (ctx->op == SOCKFLOW_OP_TCP_CONNECT_CB || ctx->op == SOCKFLOW_OP_TCP_LISTEN_CB || ctx->op == SOCKFLOW_OP_PASSIVE_ESTABLISHED_CB)
		bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags | CB_FLAGS);
}

/* The header's 20 to 60 bytes, whole words; how many. */
static __always_inline __u32 copy_header(struct bpf_sock_ops *ctx, __u32 *words)
{
	__u32 *from = (void *)(long)ctx->skb_data;
	__u32 *end = (void *)(long)ctx->skb_data_end;
	__u32 bytes = 0;

#pragma unroll
	for (int word = 0; word < SOCKFLOW_TCP_HEADER_MAX / 4; word++) {
		if ((void *)(from + word + 1) > (void *)end)
			break;
		words[word] = from[word];
		bytes = (word + 1) * 4;
	}
	return bytes;
}

static __always_inline void fill_metrics(struct bpf_sock_ops *ctx, struct sockflow_event *event)
{
	event->bytes_received = ctx->bytes_received;
	event->bytes_acked = ctx->bytes_acked;
	event->snd_cwnd = ctx->snd_cwnd;
	event->srtt_us = ctx->srtt_us;
	/* Not guarded by every kernel. */
	event->rtt_min = ctx->is_fullsock ? ctx->rtt_min : 0;
	event->snd_ssthresh = ctx->snd_ssthresh;
	event->rcv_nxt = ctx->rcv_nxt;
	event->snd_nxt = ctx->snd_nxt;
	event->snd_una = ctx->snd_una;
	event->mss_cache = ctx->mss_cache;
	event->rate_delivered = ctx->rate_delivered;
	event->rate_interval_us = ctx->rate_interval_us;
	event->packets_out = ctx->packets_out;
	event->retrans_out = ctx->retrans_out;
	event->total_retrans = ctx->total_retrans;
	event->segs_in = ctx->segs_in;
	event->data_segs_in = ctx->data_segs_in;
	event->segs_out = ctx->segs_out;
	event->data_segs_out = ctx->data_segs_out;
	event->lost_out = ctx->lost_out;
	event->sacked_out = ctx->sacked_out;
	event->sk_txhash = ctx->sk_txhash;
}

static __always_inline void fill_socket(struct bpf_sock_ops *ctx, struct sockflow_event *event)
{
	struct bpf_sock *sk = ctx->sk;
	struct sock *full = sk ? (void *)bpf_skc_to_tcp_sock(sk) : NULL;

	event->sk_err = full ? full->sk_err : 0;
	event->cgroup_id = full ? full->sk_cgrp_data.cgroup->kn->id : 0;
}

static __always_inline void fill_addresses(struct bpf_sock_ops *ctx, struct sockflow_event *event)
{
	__u32 family = ctx->family;

	event->remote_port = (__u16)(ctx->remote_port >> 16);
	event->local_port = (__u16)ctx->local_port;
	if (family == AF_INET) {
		event->remote_ip4 = ctx->remote_ip4;
		event->local_ip4 = ctx->local_ip4;
		__builtin_memset(event->remote_ip6, 0, 32);
		return;
	}
	event->remote_ip4 = 0;
	event->local_ip4 = 0;
	event->remote_ip6[0] = ctx->remote_ip6[0];
	event->remote_ip6[1] = ctx->remote_ip6[1];
	event->remote_ip6[2] = ctx->remote_ip6[2];
	event->remote_ip6[3] = ctx->remote_ip6[3];
	event->local_ip6[0] = ctx->local_ip6[0];
	event->local_ip6[1] = ctx->local_ip6[1];
	event->local_ip6[2] = ctx->local_ip6[2];
	event->local_ip6[3] = ctx->local_ip6[3];
}

static __always_inline void fill(struct bpf_sock_ops *ctx, struct sockflow_event *event, __u32 header_bytes)
{
	__u32 op = ctx->op;
	__u32 is_fullsock = ctx->is_fullsock;
	__u32 has_skb = ctx->skb_len != 0;
	__u64 cookie = bpf_get_socket_cookie(ctx);

	event->kind = SOCKFLOW_KIND_OP;
	event->op = (__u8)op;
	event->bpf_sock_ops_cb_flags = (__u8)ctx->bpf_sock_ops_cb_flags;
	event->state = (__u8)ctx->state;
	event->skb_tcp_flags = (__u16)ctx->skb_tcp_flags;
	event->ecn_flags = (__u8)ctx->ecn_flags;
	event->bits = (__u8)(ctx->family | is_fullsock << SOCKFLOW_IS_FULLSOCK_SHIFT | has_skb << SOCKFLOW_HAS_SKB_SHIFT);
	event->cookie = cookie;
	event->netns_cookie = bpf_get_netns_cookie(ctx);
	event->lane_key = sockflow_lane_key(cookie);
	event->args[0] = ctx->args[0];
	event->args[1] = ctx->args[1];
	event->args[2] = ctx->args[2];
	event->args[3] = ctx->args[3];
	event->owner_pid = 0;
	event->cpu = (__u16)bpf_get_smp_processor_id();
	__builtin_memset(event->owner_comm, 0, sizeof(event->owner_comm));
	event->skb_hwtstamp = SKB_HWTSTAMP(ctx);
	event->skb_len = ctx->skb_len;
	event->tskey = 0;
	fill_addresses(ctx, event);
	fill_socket(ctx, event);
	fill_metrics(ctx, event);
	event->presence = sockflow_presence(SOCKFLOW_KIND_OP, op, ctx->family, is_fullsock, 0, 0, has_skb, event->args[0], event->args[1], event->skb_hwtstamp != 0, header_bytes, CAPTURED);
}

/* Ring memory begins at byte 8 of a slot. */
#define SLOT_OF(record) ((void *)(record)-SOCKFLOW_RING_HEADER_BYTES)

static __always_inline void with_header(struct bpf_sock_ops *ctx)
{
	void *record = bpf_ringbuf_reserve(&ring, SOCKFLOW_SLOT_WITH_HEADER_BYTES - SOCKFLOW_RING_HEADER_BYTES, 0);
	struct sockflow_event *event = SLOT_OF(record);
	struct sockflow_section *section;
	__u32 bytes;

	if (!record)
		return;
	event->ts_boot_ns = bpf_ktime_get_boot_ns();
	section = (void *)event + SOCKFLOW_SLOT_BYTES;
	bytes = copy_header(ctx, (__u32 *)section->bytes);
	section->tag = SOCKFLOW_SECTION_TCP_HEADER;
	section->length = (__u16)bytes;
	fill(ctx, event, bytes);
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

SEC("sockops")
int smallest(struct bpf_sock_ops *ctx)
{
	void *record;
	struct sockflow_event *event;

	request(ctx);
	if (ctx->op == SOCKFLOW_OP_ACTIVE_ESTABLISHED_CB || ctx->op == SOCKFLOW_OP_PASSIVE_ESTABLISHED_CB) {
		with_header(ctx);
		return 1;
	}
	record = bpf_ringbuf_reserve(&ring, SOCKFLOW_SLOT_BYTES - SOCKFLOW_RING_HEADER_BYTES, 0);
	if (!record)
		return 1;
	event = SLOT_OF(record);
	event->ts_boot_ns = bpf_ktime_get_boot_ns();
	fill(ctx, event, 0);
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return 1;
}
