/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The way of an event: seen → books → asked for? → filters → shed? → ring. Each run counts one fate (B2). Samples that are folded have a way of their own: fold.h. */
#ifndef SOCKFLOW_OBSERVE_H
#define SOCKFLOW_OBSERVE_H

static __always_inline bool is_asked_for(struct run *run)
{
	if (run->op > LARGEST_OP) {
		add_to(&run->lane.counters->op_misfit, 1);
		return false;
	}
	if (config.ecn_on_request_only && run->op == SOCKFLOW_OP_NEEDS_ECN && run->is_full)
		return false;
	return config.ops_mask & mask_bit(run->op);
}

static __always_inline void emit_event(struct run *run, bool with_tstamp)
{
	bool with_header = (config.captured & SOCKFLOW_HAS_TCP_HEADER) && (run->op_bit & HEADER_OPS) && has_tcp_header(run->context);
	struct ring ring;
	void *record;

	if (!open_ring(&ring, &run->lane, run->class))
		return;
	if (with_header)
		record = bpf_ringbuf_reserve(ring.memory, RECORD_WITH_HEADER_BYTES, 0);
	else
		record = bpf_ringbuf_reserve(ring.memory, RECORD_BYTES, 0);
	if (!record) {
		count_lost(&ring, &run->lane, run->class);
		return;
	}
	if (with_tstamp)
		find_kernel_socket(run);
	fill_event(run, SLOT_OF(record), with_header, with_tstamp && (run->op_bit & TSTAMP_OPS) ? tskey_of(run) : 0);
	publish(&ring, &run->lane, run->class, record);
}

/* What only sockflow_events_tstamp may call. */
static __always_inline void keep_tstamp_books(struct run *run)
{
	if (run->op_bit & TSTAMP_OPS) {
		find_unlocked_socket(run);
		opt_in(run);
	} else if (run->op == SOCKFLOW_OP_ACTIVE_ESTABLISHED_CB || run->op == SOCKFLOW_OP_PASSIVE_ESTABLISHED_CB) {
		request_tstamp(run);
	}
}

static __always_inline void observe(struct bpf_sock_ops *context, bool with_tstamp)
{
	struct run run;
	__u32 op = context->op;

	if (config.rtt_mode == SOCKFLOW_RTT_FOLDED && op == SOCKFLOW_OP_RTT_CB) {
		if (observe_sample(context))
			tell_samples(context);
		return;
	}
	if (!start_run(&run, context, op))
		return;
	COUNT_FATE(&run.lane, run.class, seen);
	keep_books(&run);
	if (with_tstamp)
		keep_tstamp_books(&run);
	if (config.rtt_mode == SOCKFLOW_RTT_FOLDED && is_closing(&run) && run.kept && run.kept->rtt_count)
		tell_samples(context);
	if (!is_asked_for(&run))
		COUNT_FATE(&run.lane, run.class, not_asked);
	else if (!is_kind_taken(SOCKFLOW_KIND_OP) || !is_op_taken(run.op) || !is_connection_taken(&run))
		COUNT_FATE(&run.lane, run.class, filtered);
	else
		emit_event(&run, with_tstamp);
}

#endif
