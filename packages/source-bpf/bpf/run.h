/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One run of the event program: what is known of it from the start. All of it lives in registers and on the stack; nothing is shared. */
#ifndef SOCKFLOW_RUN_H
#define SOCKFLOW_RUN_H

struct run {
	struct bpf_sock_ops *context;
	struct bpf_sock *socket;      /* NULL: a request socket, or an op that runs without the socket's lock */
	struct sock *kernel_socket;   /* the kernel's own structure, where it can be had without a call; else NULL */
	struct sockflow_socket *kept; /* NULL: nothing is kept of it */
	struct lane lane;
	__u64 cookie;
	__u64 netns_cookie;
	__u64 op_bit; /* of `op` in a set of ops */
	__u32 op;
	__u32 class;
	bool is_full;
	bool is_locked; /* fields of the TCP socket may be read, flags set */
};

/* Where a socket is first met: it gets an entry, and its flags are requested. */
#define START_OPS                                                                                                 \
	(OP_BIT(SOCKFLOW_OP_TCP_CONNECT_CB) | OP_BIT(SOCKFLOW_OP_TCP_LISTEN_CB) |                                  \
	 OP_BIT(SOCKFLOW_OP_ACTIVE_ESTABLISHED_CB) | OP_BIT(SOCKFLOW_OP_PASSIVE_ESTABLISHED_CB))

static __always_inline void find_entry(struct run *run)
{
	run->kept = NULL;
	if (!run->is_locked || !run->socket)
		return;
	run->kept = bpf_sk_storage_get(&sockets, run->socket, NULL, (run->op_bit & START_OPS) ? BPF_SK_STORAGE_GET_F_CREATE : 0);
	/* An accepted socket's first callback, its first RTT sample, comes before its establishment, and finds its listener's entry. */
	if (run->kept && run->kept->is_listener && run->context->state != STATE_LISTEN)
		note_establishment(run->kept, ROLE_SERVER);
}

/* The entry has them from the second event on, which saves the calls and the division. */
static __always_inline void find_identity(struct run *run)
{
	struct sockflow_socket *kept = run->kept;

	if (kept && kept->cookie) {
		run->cookie = kept->cookie;
		run->netns_cookie = kept->netns_cookie;
		run->lane.key = kept->lane_key;
		run->lane.index = kept->lane_index;
		return;
	}
	run->cookie = bpf_get_socket_cookie(run->context);
	run->netns_cookie = has_feature(SOCKFLOW_CAN_NETNS_COOKIE) ? bpf_get_netns_cookie(run->context) : 0;
	run->lane.key = sockflow_lane_key(run->cookie);
	run->lane.index = lane_of(run->lane.key);
	if (kept) {
		kept->cookie = run->cookie;
		kept->netns_cookie = run->netns_cookie;
		kept->lane_key = run->lane.key;
		kept->lane_index = run->lane.index;
	}
}

/* The op is an argument so that where it is known, what other ops need falls away. */
static __always_inline bool start_run(struct run *run, struct bpf_sock_ops *context, __u32 op)
{
	run->context = context;
	run->op = op;
	run->is_full = context->is_fullsock != 0;
	run->op_bit = op_bit(op);
	run->is_locked = run->is_full && !(run->op_bit & TSTAMP_OPS);
	run->class = class_of(run->op_bit, run->is_full);
	run->socket = context->sk;
	run->kernel_socket = NULL;
	find_entry(run);
	find_identity(run);
	return find_counters(&run->lane);
}

#endif
