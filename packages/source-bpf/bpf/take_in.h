/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Taking in connections that are older than the program: each socket of the network namespace that the iterator walks, if its cgroup is the attached one or lies below
 * it, gets our flags and an entry, and a snapshot of it goes into its lane. Listeners too: their children inherit. Since 6.12.
 */
#ifndef SOCKFLOW_TAKE_IN_H
#define SOCKFLOW_TAKE_IN_H

/* The kernel's own test, cgroup_is_descendant(): at the depth of the attached one, the way from the root down to this socket's cgroup passes it. */
static __always_inline bool is_in_cgroup(struct sock *socket)
{
	struct cgroup *cgroup = socket->sk_cgrp_data.cgroup;
	struct cgroup *ancestor = NULL;
	struct kernfs_node *node = NULL;
	__u64 id = 0;

	if (cgroup->level < (int)config.cgroup_level)
		return false;
	bpf_probe_read_kernel(&ancestor, sizeof(ancestor),
			      (void *)cgroup + bpf_core_field_offset(struct cgroup, ancestors) + config.cgroup_level * sizeof(ancestor));
	bpf_probe_read_kernel(&node, sizeof(node), &ancestor->kn);
	bpf_probe_read_kernel(&id, sizeof(id), &node->id);
	return id == config.cgroup_id;
}

/* Sockets that events made known are not taken in, nor those of an earlier walk. */
static __always_inline bool is_known(struct tcp_sock *tcp)
{
	struct sockflow_socket *kept = bpf_sk_storage_get(&sockets, tcp, NULL, 0);

	return kept && (kept->requested || !config.cb_flags);
}

static __always_inline void request_tstamp_of(struct tcp_sock *tcp, struct sockflow_socket *kept)
{
	int flags = 0;

	if (!config.request_tstamp || !has_feature(SOCKFLOW_CAN_TSTAMP))
		return;
	bpf_getsockopt(tcp, SOL_SOCKET, SET_SK_CB_FLAGS, &flags, sizeof(flags));
	if (flags & SK_CB_TX_TIMESTAMPING)
		return;
	flags |= SK_CB_TX_TIMESTAMPING;
	if (!bpf_setsockopt(tcp, SOL_SOCKET, SET_SK_CB_FLAGS, &flags, sizeof(flags)))
		kept->added |= SOCKFLOW_ADDED_TSTAMP;
}

/* @returns false where the kernel does not let a program set them this way: before 6.12 */
static __always_inline bool request_flags_of(struct tcp_sock *tcp, struct sockflow_socket *kept)
{
	int present = tcp->bpf_sock_ops_cb_flags;
	int flags = present | config.cb_flags;

	if (flags != present && bpf_setsockopt(tcp, SOL_TCP, SET_TCP_CB_FLAGS, &flags, sizeof(flags)))
		return false;
	kept->requested = config.cb_flags;
	kept->added |= flags & ~present;
	return true;
}

static __always_inline void fill_snapshot(struct tcp_sock *tcp, struct sockflow_socket *kept, struct sockflow_event *slot)
{
	struct sock *socket = &tcp->inet_conn.icsk_inet.sk;
	__u32 family = socket->__sk_common.skc_family;

	slot->kind = SOCKFLOW_KIND_SNAPSHOT;
	slot->bpf_sock_ops_cb_flags = kept->requested | tcp->bpf_sock_ops_cb_flags;
	slot->ecn_flags = tcp->ecn_flags;
	slot->bytes_received = tcp->bytes_received;
	slot->bytes_acked = tcp->bytes_acked;
	slot->snd_cwnd = tcp->snd_cwnd;
	slot->srtt_us = tcp->srtt_us;
	slot->rtt_min = tcp->rtt_min.s[0].v;
	FILL_TCP_FIELDS(slot, tcp);
	slot->sk_txhash = socket->sk_txhash;
	slot->bits = slot_bits(family, true, kept->role, false);
	slot->presence = sockflow_presence(SOCKFLOW_KIND_SNAPSHOT, SOCKFLOW_OP_VOID, family, 1, kept->role, kept->owner_pid, 0, 0, 0, 0, 0, config.captured);
}

static __always_inline void emit_snapshot(struct tcp_sock *tcp, struct sockflow_socket *kept, struct lane *lane, __u64 cookie)
{
	struct sock *socket = &tcp->inet_conn.icsk_inet.sk;
	struct sockflow_event *slot;
	struct ring ring;
	void *record;

	if (!is_kind_taken(SOCKFLOW_KIND_SNAPSHOT) || !is_socket_taken(socket, lane->key)) {
		count_made(lane, SOCKFLOW_KIND_SNAPSHOT);
		COUNT_FATE(lane, SOCKFLOW_CLASS_LAST, filtered);
		return;
	}
	record = claim_made(&ring, lane, SOCKFLOW_KIND_SNAPSHOT);
	if (!record)
		return;
	__builtin_memset(record, 0, RECORD_BYTES);
	slot = SLOT_OF(record);
	slot->ts_boot_ns = bpf_ktime_get_boot_ns();
	fill_socket(socket, lane, cookie, slot);
	fill_owner(kept, slot);
	fill_snapshot(tcp, kept, slot);
	publish(&ring, lane, SOCKFLOW_CLASS_LAST, record);
}

static __always_inline void take_in(struct tcp_sock *tcp)
{
	struct sockflow_socket *kept;
	struct lane lane;
	__u64 cookie;

	if (!is_in_cgroup(&tcp->inet_conn.icsk_inet.sk) || is_known(tcp))
		return;
	cookie = bpf_get_socket_cookie(tcp);
	if (!find_lane(&lane, sockflow_lane_key(cookie)))
		return;
	kept = bpf_sk_storage_get(&sockets, tcp, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!kept) {
		add_to(&lane.counters->storage_failed, 1);
		return;
	}
	/* Who called connect or listen, and when, is not to be known any more. */
	if (tcp->inet_conn.icsk_inet.sk.__sk_common.skc_state == STATE_LISTEN) {
		kept->role = ROLE_SERVER;
		kept->is_listener = 1;
	}
	if (!request_flags_of(tcp, kept))
		return;
	request_tstamp_of(tcp, kept);
	add_to(&lane.counters->taken_in, 1);
	emit_snapshot(tcp, kept, &lane, cookie);
}

#endif
