/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The lane of a connection, and the counters of what becomes of its events (K1, K2). */
#ifndef SOCKFLOW_LANE_H
#define SOCKFLOW_LANE_H

struct lane {
	__u32 key;
	__u32 index;
	struct sockflow_counters *counters;
};

/* @returns false where the lane has no counters, which the size of the map rules out: the verifier wants to be told. */
static __always_inline bool find_lane(struct lane *lane, __u64 cookie)
{
	__u32 index;

	lane->key = sockflow_lane_key(cookie);
	lane->index = (lane->key & (SOCKFLOW_LANE_BUCKETS - 1)) % config.lanes;
	/* A copy: what a helper is given the address of stays on the stack, and all that lies beside it. */
	index = lane->index;
	lane->counters = bpf_map_lookup_elem(&counters, &index);
	return lane->counters != NULL;
}

/* K3: one instruction, so that a softirq between its load and its store takes nothing away. Without the old value, which needs 5.12. */
static __always_inline void add_to(__u64 *counter, __u64 count)
{
	__sync_fetch_and_add(counter, count);
}

static __always_inline struct sockflow_fates *fates_of(struct lane *lane, __u32 class)
{
	/* The compiler knows that it is 0 or 1, the verifier does not always: it is told by a mask that the compiler may not take away. */
	barrier_var(class);
	return &lane->counters->fates[class & 1];
}

#define COUNT_FATE(lane, class, fate) add_to(&fates_of(lane, class)->fate, 1)

/* Something that the program makes itself: it is counted like an event from here on. */
static __always_inline void count_made(struct lane *lane, __u32 kind)
{
	COUNT_FATE(lane, SOCKFLOW_CLASS_LAST, made);
	add_to(&lane->counters->made_by_kind[kind], 1);
}

#endif
