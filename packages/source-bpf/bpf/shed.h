/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shedding: giving up events of the first class while there is still room for those of the last.
 *
 *   in the ring   0 ......... from ............. all ......... capacity
 *   kept          everything  | fewer and fewer  | nothing
 *                             | connections      |
 *
 * A connection is kept or not by the sample bits of its lane key, so it is whole connections that go, always the same first. The two classes have limits of their own.
 */
#ifndef SOCKFLOW_SHED_H
#define SOCKFLOW_SHED_H

/* A ring that holds less than this is asked each time: a few slots matter there. */
#define SMALL_RING_BYTES 65536
#define LOOK_EVERY 8

static __always_inline __u64 look_at_ring(void *ring, struct lane *lane)
{
	__u64 used = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);

	lane->counters->used_bytes = used;
	return used;
}

/*
 * Asking the ring is a call in every event, to learn that it is nearly empty: while it is, each CPU asks every eighth time only. So shedding may begin seven slots
 * late; it never goes on late, since a ring that was not empty is asked each time.
 */
static __always_inline bool is_surely_low(struct lane *lane, __u32 from)
{
	return config.ring_bytes > SMALL_RING_BYTES && ++lane->counters->looks % LOOK_EVERY && lane->counters->used_bytes <= from;
}

static __always_inline bool is_shed(void *ring, struct lane *lane, __u32 class)
{
	/* All four are read, and numbers chosen from: of addresses the verifier takes no choice without CAP_PERFMON (fates_of). */
	__u32 first_from = config.shed_first_from;
	__u32 first_all = config.shed_first_all;
	__u32 last_from = config.shed_last_from;
	__u32 last_all = config.shed_last_all;
	__u32 from = class == SOCKFLOW_CLASS_FIRST ? first_from : last_from;
	__u32 all = class == SOCKFLOW_CLASS_FIRST ? first_all : last_all;
	__u64 used;

	if (is_surely_low(lane, from))
		return false;
	used = look_at_ring(ring, lane);
	if (used <= from)
		return false;
	if (used >= all)
		return true;
	/* In parts of what the sample leaves: of a sample of one in a hundred, half goes at half the way. */
	return (lane->key >> 8) >= (__u64)config.sample_threshold * (all - used) / (all - from);
}

#endif
