/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * RTT samples folded per socket: RTT_CB adds to the socket's storage, a summary tells them at most every fold_interval_ns, and when the socket closes, before the
 * close itself. On a LAN samples outnumber all other events by a thousand.
 *
 * The two functions that are not inline are global ones, as in presence.h: each is verified by itself. They get the context only, so they look things up again: a
 * sample begins here and does it once, a summary is rare.
 */
#ifndef SOCKFLOW_FOLD_H
#define SOCKFLOW_FOLD_H

/*
 * Since 6.10 the sample is the first argument, and the new smoothed RTT, which is never 0, the second. Before, the op has none: the closest there is are the smoothed
 * RTT up to this sample, and for the first one the minimum, which it has just set.
 */
static __always_inline __u32 read_sample(struct bpf_sock_ops *context)
{
	__u32 srtt_us;

	if (context->args[0] || context->args[1])
		return context->args[0];
	srtt_us = context->srtt_us;
	return srtt_us ? srtt_us >> 3 : context->rtt_min;
}

/* Where flags were ours and their socket's entry was not: it begins now, with an owner unknown. */
static __always_inline bool has_entry(struct run *run)
{
	if (run->kept)
		return true;
	if (!run->is_locked || !run->socket)
		return false;
	run->kept = bpf_sk_storage_get(&sockets, run->socket, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!run->kept)
		add_to(&run->lane.counters->storage_failed, 1);
	return run->kept != NULL;
}

/* Counts the sample's fate. @returns whether a summary is due. */
static __always_inline bool fold_sample(struct run *run)
{
	__u64 now_ns;
	__u32 rtt_us = read_sample(run->context);

	if (!is_kind_taken(SOCKFLOW_KIND_RTT_SUMMARY) || !is_connection_taken(run)) {
		COUNT_FATE(&run->lane, run->class, filtered);
		return false;
	}
	if (!has_entry(run)) {
		/* No memory for it. A marker says that something is missing, storage_failed why. */
		struct ring ring;

		if (find_ring(&ring, &run->lane))
			count_lost(&ring, &run->lane, run->class);
		return false;
	}
	COUNT_FATE(&run->lane, run->class, folded);
	if (!config.fold_interval_ns) {
		add_sample(run->kept, rtt_us);
		return false;
	}
	now_ns = bpf_ktime_get_boot_ns();
	if (!run->kept->rtt_count)
		run->kept->fold_start_ns = now_ns;
	add_sample(run->kept, rtt_us);
	return now_ns - run->kept->fold_start_ns >= config.fold_interval_ns;
}

static __always_inline bool is_closing(struct run *run)
{
	return run->op == SOCKFLOW_OP_STATE_CB && run->context->args[1] == STATE_CLOSE;
}

static __always_inline void emit_summary(struct run *run)
{
	struct sockflow_socket *kept = run->kept;
	struct sockflow_rtt_summary *summary;
	struct ring ring;
	void *record = claim_made(&ring, &run->lane, SOCKFLOW_KIND_RTT_SUMMARY);
	__u32 family = run->context->family;

	if (record) {
		summary = SLOT_OF(record);
		summary->ts_boot_ns = bpf_ktime_get_boot_ns();
		fill_samples(summary, kept);
		fill_connection(run, (void *)summary);
		fill_owner(kept, (void *)summary);
		fill_kernel_fields(run, (void *)summary);
		summary->state = run->context->state;
		summary->bits = slot_bits(family, true, kept->role, false);
		summary->presence = summary_presence(summary->bits, kept->owner_pid ? FACT_HAS_OWNER : 0);
		publish_summary(&ring, &run->lane, kept, record);
	}
	forget_samples(kept);
}

/* A summary of what the context's socket holds, if it holds anything. */
__noinline int tell_samples(struct bpf_sock_ops *context)
{
	struct run run;

	if (config.rtt_mode != SOCKFLOW_RTT_FOLDED || !start_run(&run, context, SOCKFLOW_OP_VOID))
		return 0;
	if (run.kept && run.kept->rtt_count)
		emit_summary(&run);
	return 0;
}

/* The whole way of an RTT_CB where samples are folded: it does not go through observe(). @returns whether a summary is due: told from outside, to save stack. */
__noinline int observe_sample(struct bpf_sock_ops *context)
{
	struct run run;

	if (config.rtt_mode != SOCKFLOW_RTT_FOLDED || !start_run(&run, context, SOCKFLOW_OP_RTT_CB))
		return 0;
	COUNT_FATE(&run.lane, run.class, seen);
	keep_books(&run);
	return fold_sample(&run);
}

#endif
