/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Callback flags: they decide which ops the kernel calls at all, one set per socket, shared by every program on the hook.
 *
 * bpf_sock_ops_cb_flags_set() replaces the set, so ours are put beside what is there. Others replace without looking: what they took off is put back in the next
 * callback, and counted. `added` remembers which ones were not there before us: those are taken off at the end, and no others. What somebody put in place of ours is
 * theirs from then on, whoever had it first.
 */
#ifndef SOCKFLOW_FLAGS_H
#define SOCKFLOW_FLAGS_H

static __always_inline void note_clobbered(struct run *run, __u32 present)
{
	add_to(&run->lane.counters->flags_clobbered, 1);
	run->kept->added &= ~present;
}

static __always_inline void request_flags(struct run *run)
{
	struct bpf_sock_ops *context = run->context;
	__u32 present = context->bpf_sock_ops_cb_flags;
	__u32 missing = config.cb_flags & ~present;

	/* Requested before, in connect or listen: somebody took them off in between. */
	if (missing & run->kept->requested)
		note_clobbered(run, present);
	run->kept->requested = config.cb_flags;
	if (!missing)
		return;
	run->kept->added |= missing;
	bpf_sock_ops_cb_flags_set(context, present | missing);
}

static __always_inline void restore_flags(struct run *run)
{
	struct bpf_sock_ops *context = run->context;
	__u32 present = context->bpf_sock_ops_cb_flags;
	__u32 missing = run->kept->requested & ~present;

	if (!missing)
		return;
	note_clobbered(run, present);
	run->kept->added |= missing;
	bpf_sock_ops_cb_flags_set(context, present | missing);
}

#endif
