/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The samples of a socket: gathered in its storage, told by a summary, forgotten. A socket's samples come under its lock, one after another. */
#ifndef SOCKFLOW_SUMMARY_H
#define SOCKFLOW_SUMMARY_H

/* Floor of log2. */
static __always_inline __u32 log2_of(__u32 value)
{
	__u32 result = 0;

	if (value >> 16) {
		result += 16;
		value >>= 16;
	}
	if (value >> 8) {
		result += 8;
		value >>= 8;
	}
	if (value >> 4) {
		result += 4;
		value >>= 4;
	}
	if (value >> 2) {
		result += 2;
		value >>= 2;
	}
	return result + (value >> 1);
}

/* 0 below 16 us, i from 2^(i+3) us on; the last one has no end. Global: the verifier knows no result of it, instead of one for each branch (presence.h). */
__noinline __u32 bucket_of(__u32 rtt_us)
{
	__u32 bucket = log2_of(rtt_us >> 3 | 1);

	return bucket < SOCKFLOW_RTT_BUCKETS ? bucket : SOCKFLOW_RTT_BUCKETS - 1;
}

/* The barrier keeps the compiler from making an index of the cases. */
#define COUNT_BUCKET(index)                   \
	case index:                           \
		kept->rtt_buckets[index]++;   \
		barrier();                    \
		break;

/*
 * Case by case, not by an index: without CAP_PERFMON one variable added to a pointer makes the verifier compare all states of the program to the last bit from there on,
 * so that it never takes two paths for one (explore_alu_limits in kernel/bpf/verifier.c), and a million instructions are not enough.
 */
static __always_inline void count_bucket(struct sockflow_socket *kept, __u32 bucket)
{
	switch (bucket) {
		COUNT_BUCKET(0)
		COUNT_BUCKET(1)
		COUNT_BUCKET(2)
		COUNT_BUCKET(3)
		COUNT_BUCKET(4)
		COUNT_BUCKET(5)
		COUNT_BUCKET(6)
		COUNT_BUCKET(7)
		COUNT_BUCKET(8)
		COUNT_BUCKET(9)
		COUNT_BUCKET(10)
		COUNT_BUCKET(11)
		COUNT_BUCKET(12)
		COUNT_BUCKET(13)
		COUNT_BUCKET(14)
		COUNT_BUCKET(15)
		COUNT_BUCKET(16)
		COUNT_BUCKET(17)
		COUNT_BUCKET(18)
		COUNT_BUCKET(19)
		COUNT_BUCKET(20)
		COUNT_BUCKET(21)
		COUNT_BUCKET(22)
	}
}

static __always_inline void add_sample(struct sockflow_socket *kept, __u32 rtt_us)
{
	if (!kept->rtt_count || rtt_us < kept->rtt_low_us)
		kept->rtt_low_us = rtt_us;
	if (rtt_us > kept->rtt_high_us)
		kept->rtt_high_us = rtt_us;
	kept->rtt_sum_us += rtt_us;
	kept->rtt_count++;
	count_bucket(kept, bucket_of(rtt_us));
}

static __always_inline void forget_samples(struct sockflow_socket *kept)
{
	kept->fold_start_ns = 0;
	kept->rtt_sum_us = 0;
	kept->rtt_count = 0;
	kept->rtt_low_us = 0;
	kept->rtt_high_us = 0;
	__builtin_memset(kept->rtt_buckets, 0, sizeof(kept->rtt_buckets));
}

/* All of the slot but who and where, and `bits` and `presence`, which depend on it. */
static __always_inline void fill_samples(struct sockflow_rtt_summary *summary, struct sockflow_socket *kept)
{
	summary->kind = SOCKFLOW_KIND_RTT_SUMMARY;
	summary->op = SOCKFLOW_OP_VOID;
	summary->bpf_sock_ops_cb_flags = 0;
	summary->skb_tcp_flags = 0;
	summary->ecn_flags = 0;
	__builtin_memset(summary->args, 0, sizeof(summary->args));
	summary->rtt_sum_us = kept->rtt_sum_us;
	summary->rtt_count = kept->rtt_count;
	summary->rtt_low_us = kept->rtt_low_us;
	summary->rtt_high_us = kept->rtt_high_us;
	__builtin_memcpy(summary->rtt_buckets, kept->rtt_buckets, sizeof(summary->rtt_buckets));
}

/* Counts what follows the claim, and forgets the samples whatever became of them (B7). */
static __always_inline void publish_summary(struct ring *ring, struct lane *lane, struct sockflow_socket *kept, void *record)
{
	add_to(&lane->counters->summarised, kept->rtt_count);
	publish(ring, lane, SOCKFLOW_CLASS_LAST, record);
}

/* @returns a record to fill, or NULL where it was shed or lost, which is counted. */
static __always_inline void *claim_made(struct ring *ring, struct lane *lane, __u32 kind)
{
	void *record;

	count_made(lane, kind);
	if (!open_ring(ring, lane, SOCKFLOW_CLASS_LAST))
		return NULL;
	record = bpf_ringbuf_reserve(ring->memory, RECORD_BYTES, 0);
	if (!record)
		count_lost(ring, lane, SOCKFLOW_CLASS_LAST);
	return record;
}

#endif
