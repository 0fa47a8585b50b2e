/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One run of the event program: what is known of it from the start. All of it lives in registers and on the stack; nothing is shared. */
#ifndef SOCKFLOW_RUN_H
#define SOCKFLOW_RUN_H

struct run {
	struct bpf_sock_ops *context;
	struct bpf_sock *socket;      /* NULL: a request socket, or an op that runs without the socket's lock */
	struct sock *unlocked;        /* of an op that runs without the socket's lock, where it can be had */
	struct sockflow_socket *kept; /* NULL: nothing is kept of it */
	struct lane lane;
	__u64 cookie;
	__u32 op;
	__u32 class;
	bool is_full;
	bool is_locked; /* fields of the TCP socket may be read, flags set */
};

static __always_inline bool start_run(struct run *run, struct bpf_sock_ops *context)
{
	run->context = context;
	run->op = context->op;
	run->is_full = context->is_fullsock != 0;
	run->is_locked = run->is_full && !is_one_of(run->op, TSTAMP_OPS);
	run->class = class_of(run->op, run->is_full);
	run->cookie = bpf_get_socket_cookie(context);
	run->socket = context->sk;
	run->unlocked = NULL;
	run->kept = NULL;
	return find_lane(&run->lane, run->cookie);
}

#endif
