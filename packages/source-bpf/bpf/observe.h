/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The way of an event: seen → books → asked for? → filters → folded? → shed? → ring. Each run counts one fate (K2). */
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

static __always_inline void emit_event(struct run *run)
{
	bool with_header = (config.captured & SOCKFLOW_HAS_TCP_HEADER) && is_one_of(run->op, HEADER_OPS) && has_tcp_header(run->context);
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
	fill_event(run, SLOT_OF(record), with_header, 0);
	publish(&ring, &run->lane, run->class, record);
}

static __always_inline void observe(struct bpf_sock_ops *context)
{
	struct run run;

	if (!start_run(&run, context))
		return;
	COUNT_FATE(&run.lane, run.class, seen);
	keep_books(&run);
	if (!is_asked_for(&run)) {
		COUNT_FATE(&run.lane, run.class, not_asked);
		return;
	}
	if (!is_kind_taken(SOCKFLOW_KIND_OP) || !is_op_taken(run.op) || !is_connection_taken(&run)) {
		COUNT_FATE(&run.lane, run.class, filtered);
		return;
	}
	emit_event(&run);
}

#endif
