/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A producer at full speed: fills slots of a ring in a loop, as many as it is asked for, and counts what the full ring refused. Run by BPF_PROG_TEST_RUN.
 *
 * A slot is filled as a sock_ops program would: the time read after the reservation, all 248 bytes written. The values are made up.
 */
#include <linux/types.h>

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "fill.h"
#include "sockflow_event.h"
#include "sockflow_source.h"

#define RECORD_BYTES (SOCKFLOW_SLOT_BYTES - SOCKFLOW_RING_HEADER_BYTES)
#define OPS_ROW(a, b, c, d) SOCKFLOW_OP_##a, SOCKFLOW_OP_##b, SOCKFLOW_OP_##c, SOCKFLOW_OP_##d

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SOCKFLOW_MAX_LANES);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct sockflow_lane_word);
} lane_words SEC(".maps");

/* Mostly RTT samples, as on a busy host. Of the filter's ops, those with a cb flag of its too survive: 3 of 16. */
const __u8 pattern_ops[FILL_PATTERN] = {
	OPS_ROW(RTT_CB, RTT_CB, STATE_CB, RTT_CB),
	OPS_ROW(RTT_CB, RETRANS_CB, RTT_CB, TCP_CONNECT_CB),
	OPS_ROW(RTT_CB, RTT_CB, STATE_CB, RTT_CB),
	OPS_ROW(RTT_CB, RTO_CB, RTT_CB, RTT_CB),
};
const __u8 pattern_cb[FILL_PATTERN] = { 15, 15, 15, 8, 8, 15, 15, 0, 8, 15, 5, 15, 8, 10, 15, 8 };

static __u64 wake_flags(struct fill_job *job)
{
	__u32 lane = 0;
	struct sockflow_lane_word *word;

	if (job->wake == FILL_WAKE_ADAPTIVE)
		return 0;
	if (job->wake == FILL_WAKE_NEVER)
		return BPF_RB_NO_WAKEUP;
	word = bpf_map_lookup_elem(&lane_words, &lane);
	if (!word || !*(volatile __u32 *)&word->is_asleep)
		return BPF_RB_NO_WAKEUP;
	job->wakeups++;
	return BPF_RB_FORCE_WAKEUP;
}

static long fill_one(__u32 index, struct fill_job *job)
{
	/* Not by the attempt: so any slots that follow each other have the pattern's share of survivors, whatever the ring refused. */
	__u32 number = job->first + job->filled;
	__u64 *record = bpf_ringbuf_reserve(&ring, RECORD_BYTES, 0);

	if (!record) {
		job->refused++;
		return job->interval_ns != 0;
	}
	record[0] = SOCKFLOW_KIND_OP | (__u64)pattern_ops[number % FILL_PATTERN] << 8 | (__u64)pattern_cb[number % FILL_PATTERN] << 16 | 1ULL << 24 | 0x12ULL << 56;
	record[1] = job->interval_ns ? job->due_ns + (__u64)index * job->interval_ns : bpf_ktime_get_boot_ns();
	record[2] = number;
	record[3] = 1;
	record[4] = (__u64)sockflow_lane_key(number) << 32 | 443 << 16 | 0x5000;
	record[5] = 0x0100007f0100007fULL;
	record[6] = SOCKFLOW_HAS_OP | SOCKFLOW_HAS_BPF_SOCK_OPS_CB_FLAGS | SOCKFLOW_HAS_STATE | SOCKFLOW_HAS_FAMILY | SOCKFLOW_HAS_IS_FULLSOCK | SOCKFLOW_HAS_TS_BOOT_NS |
		    SOCKFLOW_HAS_COOKIE | SOCKFLOW_HAS_NETNS_COOKIE | SOCKFLOW_HAS_REMOTE_PORT | SOCKFLOW_HAS_LOCAL_PORT | SOCKFLOW_HAS_LANE_KEY | SOCKFLOW_HAS_REMOTE_IP4 |
		    SOCKFLOW_HAS_LOCAL_IP4 | SOCKFLOW_HAS_ARGS | SOCKFLOW_HAS_SRTT_US;
#pragma unroll
	for (int at = 7; at < RECORD_BYTES / 8; at++)
		record[at] = number;
	bpf_ringbuf_submit(record, wake_flags(job));
	job->filled++;
	return 0;
}

SEC("syscall")
int fill(struct fill_job *job)
{
	struct fill_job local = *job;
	__u64 attempts = job->attempts;

	/* The loop that the verifier puts in for bpf_loop compares all 64 bits, and clang loads two fields at once: the upper half must be seen to be zero. */
	asm volatile("%0 &= 0x7fffffff" : "+r"(attempts));
	bpf_loop(attempts, fill_one, &local, 0);
	*job = local;
	return 0;
}
