/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is kept for a socket, in its storage, whatever becomes of the event: it is done before anything is filtered. */
#ifndef SOCKFLOW_BOOKKEEPING_H
#define SOCKFLOW_BOOKKEEPING_H

/* Where a socket is first met: the ops in which its flags are requested. */
#define START_OPS                                                                                                 \
	(OP_BIT(SOCKFLOW_OP_TCP_CONNECT_CB) | OP_BIT(SOCKFLOW_OP_TCP_LISTEN_CB) |                                  \
	 OP_BIT(SOCKFLOW_OP_ACTIVE_ESTABLISHED_CB) | OP_BIT(SOCKFLOW_OP_PASSIVE_ESTABLISHED_CB))

static __always_inline bool create_storage(struct run *run)
{
	run->kept = bpf_sk_storage_get(&sockets, run->socket, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (run->kept)
		return true;
	add_to(&run->lane.counters->storage_failed, 1);
	return false;
}

static __always_inline void note_start(struct run *run)
{
	if (run->op == SOCKFLOW_OP_PASSIVE_ESTABLISHED_CB)
		note_establishment(run->kept, ROLE_SERVER);
	else if (run->op == SOCKFLOW_OP_ACTIVE_ESTABLISHED_CB)
		note_establishment(run->kept, ROLE_CLIENT);
	else
		note_call(run->kept, run->op == SOCKFLOW_OP_TCP_LISTEN_CB ? ROLE_SERVER : ROLE_CLIENT);
}

static __always_inline void keep_books(struct run *run)
{
	if (!run->is_locked || !run->socket)
		return;
	if (is_one_of(run->op, START_OPS)) {
		if (!create_storage(run))
			return;
		note_start(run);
		request_flags(run);
		return;
	}
	run->kept = bpf_sk_storage_get(&sockets, run->socket, NULL, 0);
	if (!run->kept)
		return;
	/* An accepted socket's first callback, its first RTT sample, comes before its establishment, and finds its listener's entry. */
	if (run->kept->is_listener && run->context->state != STATE_LISTEN)
		note_establishment(run->kept, ROLE_SERVER);
	if (run->kept->requested)
		restore_flags(run);
}

#endif
