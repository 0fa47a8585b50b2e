/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Fills a slot from the context. Every byte is written: a ring gives back what it held before. */
#ifndef SOCKFLOW_FILL_H
#define SOCKFLOW_FILL_H

/* `bits`, whose shifts sockflow_event.h names. */
static __always_inline __u8 slot_bits(__u32 family, bool is_full, __u32 role, bool has_skb)
{
	return (family & SOCKFLOW_FAMILY_MASK) << SOCKFLOW_FAMILY_SHIFT | is_full << SOCKFLOW_IS_FULLSOCK_SHIFT |
	       role << SOCKFLOW_OWNER_ROLE_SHIFT | has_skb << SOCKFLOW_HAS_SKB_SHIFT;
}

/* Of the two families' fields those of the other are zero. */
static __always_inline void fill_addresses(struct bpf_sock_ops *context, struct sockflow_event *slot)
{
	if (context->family == AF_INET) {
		slot->remote_ip4 = context->remote_ip4;
		slot->local_ip4 = context->local_ip4;
		__builtin_memset(slot->remote_ip6, 0, sizeof(slot->remote_ip6));
		__builtin_memset(slot->local_ip6, 0, sizeof(slot->local_ip6));
		return;
	}
	slot->remote_ip4 = 0;
	slot->local_ip4 = 0;
	slot->remote_ip6[0] = context->remote_ip6[0];
	slot->remote_ip6[1] = context->remote_ip6[1];
	slot->remote_ip6[2] = context->remote_ip6[2];
	slot->remote_ip6[3] = context->remote_ip6[3];
	slot->local_ip6[0] = context->local_ip6[0];
	slot->local_ip6[1] = context->local_ip6[1];
	slot->local_ip6[2] = context->local_ip6[2];
	slot->local_ip6[3] = context->local_ip6[3];
}

/* Who and where: the same in events and summaries. */
static __always_inline void fill_connection(struct run *run, struct sockflow_event *slot)
{
	struct bpf_sock_ops *context = run->context;

	slot->cookie = run->cookie;
	slot->netns_cookie = run->netns_cookie;
	/* The context has it in the upper half of a word. */
	slot->remote_port = context->remote_port >> 16;
	slot->local_port = context->local_port;
	slot->lane_key = run->lane.key;
	fill_addresses(context, slot);
	slot->cpu = bpf_get_smp_processor_id();
}

static __always_inline void fill_owner(struct sockflow_socket *kept, struct sockflow_event *slot)
{
	slot->owner_pid = kept ? kept->owner_pid : 0;
	if (kept)
		__builtin_memcpy(slot->owner_comm, kept->owner_comm, sizeof(slot->owner_comm));
	else
		__builtin_memset(slot->owner_comm, 0, sizeof(slot->owner_comm));
}

/* @returns 0 where it cannot be known */
static __always_inline __u64 cgroup_id_of(struct sock *socket)
{
	struct sock_cgroup_data___before_5_15 *before = (void *)&socket->sk_cgrp_data;
	struct cgroup *cgroup;
	struct kernfs_node *node;
	__u64 id = 0;

	if (bpf_core_field_exists(socket->sk_cgrp_data.cgroup))
		return socket->sk_cgrp_data.cgroup->kn->id;
	if (before->val & 3)
		return 0;
	cgroup = (struct cgroup *)before->val;
	bpf_probe_read_kernel(&node, sizeof(node), &cgroup->kn);
	bpf_probe_read_kernel(&id, sizeof(id), &node->id);
	return id;
}

static __always_inline void fill_kernel_fields(struct run *run, struct sockflow_event *slot)
{
	struct sock *socket = run->kernel_socket;
	struct tcp_sock *tcp;

	slot->cgroup_id = 0;
	slot->sk_err = 0;
	if (!has_feature(SOCKFLOW_CAN_SOCK_READ))
		return;
	if (!socket && run->socket) {
		tcp = bpf_skc_to_tcp_sock(run->socket);
		socket = tcp ? &tcp->inet_conn.icsk_inet.sk : NULL;
	}
	if (!socket)
		return;
	slot->sk_err = socket->sk_err;
	if (!run->kept || !run->is_locked) {
		slot->cgroup_id = cgroup_id_of(socket);
		return;
	}
	/* A socket's cgroup is the one it was made in. */
	if (!run->kept->cgroup_id)
		run->kept->cgroup_id = cgroup_id_of(socket);
	slot->cgroup_id = run->kept->cgroup_id;
}

/* What struct bpf_tcp_sock and struct tcp_sock name alike. A macro, since the two have nothing else in common. */
#define FILL_TCP_FIELDS(slot, tcp) \
	do { \
		(slot)->snd_ssthresh = (tcp)->snd_ssthresh; \
		(slot)->rcv_nxt = (tcp)->rcv_nxt; \
		(slot)->snd_nxt = (tcp)->snd_nxt; \
		(slot)->snd_una = (tcp)->snd_una; \
		(slot)->mss_cache = (tcp)->mss_cache; \
		(slot)->rate_delivered = (tcp)->rate_delivered; \
		(slot)->rate_interval_us = (tcp)->rate_interval_us; \
		(slot)->packets_out = (tcp)->packets_out; \
		(slot)->retrans_out = (tcp)->retrans_out; \
		(slot)->total_retrans = (tcp)->total_retrans; \
		(slot)->segs_in = (tcp)->segs_in; \
		(slot)->data_segs_in = (tcp)->data_segs_in; \
		(slot)->segs_out = (tcp)->segs_out; \
		(slot)->data_segs_out = (tcp)->data_segs_out; \
		(slot)->lost_out = (tcp)->lost_out; \
		(slot)->sacked_out = (tcp)->sacked_out; \
	} while (0)

/* Through bpf_tcp_sock(): one load a field, where the context takes five instructions to find the socket again. */
static __always_inline void fill_metrics(struct run *run, struct sockflow_event *slot)
{
	struct bpf_tcp_sock *tcp = run->is_locked && run->socket ? bpf_tcp_sock(run->socket) : NULL;

	if (!tcp) {
		slot->bpf_sock_ops_cb_flags = 0;
		slot->ecn_flags = 0;
		slot->sk_txhash = 0;
		/* bytes_received to sacked_out */
		__builtin_memset(&slot->bytes_received, 0, __builtin_offsetof(struct sockflow_event, sk_txhash) - __builtin_offsetof(struct sockflow_event, bytes_received));
		return;
	}
	slot->bpf_sock_ops_cb_flags = run->context->bpf_sock_ops_cb_flags;
	slot->ecn_flags = tcp->ecn_flags;
	slot->bytes_received = tcp->bytes_received;
	slot->bytes_acked = tcp->bytes_acked;
	slot->skb_hwtstamp = 0;
	slot->snd_cwnd = tcp->snd_cwnd;
	slot->srtt_us = tcp->srtt_us;
	slot->rtt_min = tcp->rtt_min;
	FILL_TCP_FIELDS(slot, tcp);
	slot->sk_txhash = run->context->sk_txhash;
}

static __always_inline void fill_segment(struct run *run, struct sockflow_event *slot)
{
	struct bpf_sock_ops *context = run->context;

	slot->skb_len = context->skb_len;
	slot->skb_tcp_flags = context->skb_tcp_flags;
	slot->skb_hwtstamp = has_feature(SOCKFLOW_CAN_HWTSTAMP) ? *(volatile __u64 *)((void *)context + CONTEXT_HWTSTAMP_OFFSET) : 0;
}

static __always_inline void fill_event(struct run *run, struct sockflow_event *slot, bool with_header, __u32 tskey)
{
	struct bpf_sock_ops *context = run->context;
	__u32 facts = 0;

	/* Each cache line of the slot is written to before the clock is read: they arrive meanwhile. */
	slot->kind = SOCKFLOW_KIND_OP;
	slot->op = run->op;
	slot->args[0] = context->args[0];
	slot->args[1] = context->args[1];
	slot->args[2] = context->args[2];
	slot->args[3] = context->args[3];
	fill_owner(run->kept, slot);
	slot->tskey = tskey;
	barrier();
	slot->ts_boot_ns = bpf_ktime_get_boot_ns();
	slot->state = context->state;
	fill_metrics(run, slot);
	fill_connection(run, slot);
	fill_kernel_fields(run, slot);
	fill_segment(run, slot);
	slot->bits = slot_bits(context->family, run->is_full, run->kept ? run->kept->role : 0, has_tcp_header(context));
	if (slot->owner_pid)
		facts |= FACT_HAS_OWNER;
	if (slot->skb_hwtstamp)
		facts |= FACT_HAS_HWTSTAMP;
	if (with_header) {
		capture_header(context, slot);
		facts |= FACT_HAS_HEADER;
	}
	slot->presence = event_presence(run->op, slot->bits, facts, slot->args[0], slot->args[1]);
}

#endif
