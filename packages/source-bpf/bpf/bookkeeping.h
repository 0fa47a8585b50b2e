/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is kept for a socket, in its storage, whatever becomes of the event: it is done before anything is filtered. */
#ifndef SOCKFLOW_BOOKKEEPING_H
#define SOCKFLOW_BOOKKEEPING_H

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
	if (!(run->op_bit & START_OPS)) {
		if (run->kept && run->kept->requested)
			restore_flags(run);
		return;
	}
	if (!run->kept) {
		add_to(&run->lane.counters->storage_failed, 1);
		return;
	}
	note_start(run);
	request_flags(run);
}

#endif
