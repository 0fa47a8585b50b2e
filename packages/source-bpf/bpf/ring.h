/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Putting a slot into a lane's ring: open_ring → claim → fill → publish. Each way out counts one fate.
 *
 * A record begins at byte 8 of its slot: the ring writes the header in front of it. So a slot is a claim minus 8 bytes, and never the header's bytes written.
 */
#ifndef SOCKFLOW_RING_H
#define SOCKFLOW_RING_H

#define RECORD_BYTES (SOCKFLOW_SLOT_BYTES - SOCKFLOW_RING_HEADER_BYTES)
#define RECORD_WITH_HEADER_BYTES (SOCKFLOW_SLOT_WITH_HEADER_BYTES - SOCKFLOW_RING_HEADER_BYTES)
#define SLOT_OF(record) ((void *)(record) - SOCKFLOW_RING_HEADER_BYTES)

struct ring {
	void *memory;
	struct sockflow_gap *gap;
	struct sockflow_lane_word *word;
};

static __always_inline bool find_ring(struct ring *ring, struct lane *lane)
{
	__u32 index = lane->index;

	ring->memory = bpf_map_lookup_elem(&rings, &index);
	if (!ring->memory)
		return false;
	ring->gap = bpf_map_lookup_elem(&gaps, &index);
	if (!ring->gap)
		return false;
	ring->word = bpf_map_lookup_elem(&lane_words, &index);
	return ring->word != NULL;
}

/* ORDER: `is_asleep` is cleared before the wake-up, so that an event in the meantime needs none. A lane that went to sleep again in between is woken once more. */
static __always_inline bool take_sleeper(struct ring *ring)
{
	volatile __u32 *is_asleep = &ring->word->is_asleep;

	if (!*is_asleep)
		return false;
	*is_asleep = 0;
	return true;
}

/*
 * Hands a slot over.
 *
 * ORDER: the commit's xchg of the length word → the second look at `is_asleep`. PAIRS WITH the lane, which stores `is_asleep` before it looks at the length words
 * for the last time: one of the two sees the other. The first look alone could miss a lane that fell asleep before the commit.
 */
static __always_inline void publish(struct ring *ring, struct lane *lane, __u32 class, void *record)
{
	COUNT_FATE(lane, class, submitted);
	if (take_sleeper(ring)) {
		add_to(&lane->counters->wakeups, 1);
		bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
		return;
	}
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	if (!*(volatile __u32 *)&ring->word->is_asleep)
		return;
	/* The only way to wake without a record is to give one back. A full ring gives none; the lane's own time-out is left then. */
	record = bpf_ringbuf_reserve(ring->memory, RECORD_BYTES, 0);
	if (!record)
		return;
	take_sleeper(ring);
	add_to(&lane->counters->wakeups, 1);
	bpf_ringbuf_discard(record, BPF_RB_FORCE_WAKEUP);
}

/* B5. @returns false where there was no room for the marker: there is none for what follows it either. */
static __always_inline bool tell_gap(struct ring *ring, struct lane *lane)
{
	struct losses losses;
	struct sockflow_loss_marker *marker;
	void *record = bpf_ringbuf_reserve(ring->memory, RECORD_BYTES, 0);

	if (!record)
		return false;
	if (!take_gap(ring->gap, &losses)) {
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		return true;
	}
	__builtin_memset(record, 0, RECORD_BYTES);
	marker = SLOT_OF(record);
	marker->kind = SOCKFLOW_KIND_LOSS_MARKER;
	marker->ts_boot_ns = bpf_ktime_get_boot_ns();
	marker->cpu = bpf_get_smp_processor_id();
	marker->presence = sockflow_presence(SOCKFLOW_KIND_LOSS_MARKER, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, config.captured);
	marker->gap_start_ns = losses.start_ns;
	marker->lost_ring_full = losses.ring_full;
	marker->lost_shed_first = losses.shed_first;
	marker->lost_shed_last = losses.shed_last;
	marker->lost_lane = lane->index;
	count_made(lane, SOCKFLOW_KIND_LOSS_MARKER);
	publish(ring, lane, SOCKFLOW_CLASS_LAST, record);
	return true;
}

static __always_inline void count_lost(struct ring *ring, struct lane *lane, __u32 class)
{
	COUNT_FATE(lane, class, lost);
	add_to_gap(ring->gap, 1, 0, 0);
}

/* Decides whether a slot is to go in at all, and tells what was lost before it. @returns false where its fate is counted already. */
static __always_inline bool open_ring(struct ring *ring, struct lane *lane, __u32 class)
{
	if (!find_ring(ring, lane))
		return false;
	if (is_shed(ring->memory, lane, class)) {
		COUNT_FATE(lane, class, shed);
		add_to_gap(ring->gap, 0, class == SOCKFLOW_CLASS_FIRST, class == SOCKFLOW_CLASS_LAST);
		return false;
	}
	if (is_gap_due(ring->gap) && !tell_gap(ring, lane)) {
		count_lost(ring, lane, class);
		return false;
	}
	return true;
}

#endif
