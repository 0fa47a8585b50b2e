/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The lane of a connection, and the counters of what becomes of its events (B1, B2). */
#ifndef SOCKFLOW_LANE_H
#define SOCKFLOW_LANE_H

struct lane {
	__u32 key;
	__u32 index;
	struct sockflow_counters *counters;
};

static __always_inline __u32 lane_of(__u32 key)
{
	return (key & (SOCKFLOW_LANE_BUCKETS - 1)) % config.lanes;
}

/* @returns false where the lane has no counters, which the size of the map rules out: the verifier wants to be told. */
static __always_inline bool find_counters(struct lane *lane)
{
	/* A copy: what a helper is given the address of stays on the stack, and all that lies beside it. */
	__u32 index = lane->index;

	lane->counters = bpf_map_lookup_elem(&counters, &index);
	return lane->counters != NULL;
}

/* @returns as find_counters() */
static __always_inline bool find_lane(struct lane *lane, __u32 key)
{
	lane->key = key;
	lane->index = lane_of(key);
	return find_counters(lane);
}

/* B3: one instruction, so that a softirq between its load and its store takes nothing away. Without the old value, which needs 5.12. */
static __always_inline void add_to(__u64 *counter, __u64 count)
{
	__sync_fetch_and_add(counter, count);
}

/*
 * Two addresses and a branch, not an index: without CAP_PERFMON the verifier masks what is added to a pointer, and refuses an addition that it reaches with different
 * bounds. The compiler would make it an index again.
 */
static __always_inline struct sockflow_fates *fates_of(struct lane *lane, __u32 class)
{
	struct sockflow_fates *first = &lane->counters->fates[SOCKFLOW_CLASS_FIRST];
	struct sockflow_fates *last = &lane->counters->fates[SOCKFLOW_CLASS_LAST];

	barrier_var(first);
	barrier_var(last);
	return class == SOCKFLOW_CLASS_FIRST ? first : last;
}

#define COUNT_FATE(lane, class, fate) add_to(&fates_of(lane, class)->fate, 1)

/* Something that the program makes itself: it is counted like an event from here on. */
static __always_inline void count_made(struct lane *lane, __u32 kind)
{
	COUNT_FATE(lane, SOCKFLOW_CLASS_LAST, made);
	add_to(&lane->counters->made_by_kind[kind], 1);
}

#endif
