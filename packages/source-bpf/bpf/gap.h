/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What was lost or shed since the last loss marker of a lane, until a marker tells it (B4).
 *
 * Every CPU adds to it and any may take it, so it has a lock. `is_pending` alone is read without it: a stale 0 lets one event before its marker, a stale 1 makes a
 * marker that is given back.
 */
#ifndef SOCKFLOW_GAP_H
#define SOCKFLOW_GAP_H

#define TELL_SHED_AFTER_NS 1000000

struct losses {
	__u64 start_ns;
	__u64 ring_full;
	__u64 shed_first;
	__u64 shed_last;
};

static __always_inline void add_to_gap(struct sockflow_gap *gap, __u64 ring_full, __u64 shed_first, __u64 shed_last)
{
	__u64 now_ns = bpf_ktime_get_boot_ns();

	bpf_spin_lock(&gap->lock);
	if (!gap->is_pending || now_ns < gap->start_ns)
		gap->start_ns = now_ns;
	gap->is_pending = 1;
	gap->ring_full += ring_full;
	gap->shed_first += shed_first;
	gap->shed_last += shed_last;
	bpf_spin_unlock(&gap->lock);
}

/* @returns whether there was anything: another CPU may have taken it. */
static __always_inline bool take_gap(struct sockflow_gap *gap, struct losses *losses)
{
	__u32 was_pending;

	bpf_spin_lock(&gap->lock);
	was_pending = gap->is_pending;
	losses->start_ns = gap->start_ns;
	losses->ring_full = gap->ring_full;
	losses->shed_first = gap->shed_first;
	losses->shed_last = gap->shed_last;
	gap->is_pending = 0;
	gap->ring_full = 0;
	gap->shed_first = 0;
	gap->shed_last = 0;
	bpf_spin_unlock(&gap->lock);
	return was_pending;
}

/* B5: at once after a full ring, within a millisecond after shedding. */
static __always_inline bool is_gap_due(struct sockflow_gap *gap)
{
	if (!*(volatile __u32 *)&gap->is_pending)
		return false;
	if (*(volatile __u64 *)&gap->ring_full)
		return true;
	return bpf_ktime_get_boot_ns() - *(volatile __u64 *)&gap->start_ns >= TELL_SHED_AFTER_NS;
}

#endif
