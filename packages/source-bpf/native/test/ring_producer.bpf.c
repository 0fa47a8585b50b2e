/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Fills a ring from inside the kernel, as fast or as slowly as a test wants it. For tests only: not in the published package. */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "sockflow_event.h"
#include "ring_producer.h"

#define RECORD_BYTES (SOCKFLOW_SLOT_BYTES - SOCKFLOW_RING_HEADER_BYTES)
#define LONG_RECORD_BYTES (SOCKFLOW_SLOT_WITH_HEADER_BYTES - SOCKFLOW_RING_HEADER_BYTES)
/* Of bpf_loop: include/linux/bpf.h, BPF_MAX_LOOPS, 5.17. */
#define MAX_LOOPS (8 << 20)

/* The test puts its ring in this one's place. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

/* Set to 1 by the test when a held slot may be submitted. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} gate SEC(".maps");

static __always_inline void fill(void *record, __u64 sequence, __u32 bytes)
{
	struct sockflow_event *slot = record - SOCKFLOW_RING_HEADER_BYTES;

	slot->kind = SOCKFLOW_KIND_OP;
	slot->op = SOCKFLOW_OP_STATE_CB;
	slot->ts_boot_ns = sequence * 1000;
	slot->cookie = sequence;
	slot->presence = 0;
	slot->tskey = (__u32)sequence;
	if (bytes == LONG_RECORD_BYTES)
		*(__u64 *)(record + LONG_RECORD_BYTES - 8) = sequence;
}

#define PRODUCE(bytes)                                                                        \
	do {                                                                                  \
		void *record = bpf_ringbuf_reserve(&ring, bytes, 0);                          \
		if (!record)                                                                  \
			return 1;                                                             \
		fill(record, request->next_sequence, bytes);                                  \
		if (is_discarded) {                                                           \
			bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);                        \
			request->discarded++;                                                 \
		} else {                                                                      \
			bpf_ringbuf_submit(record, request->wakes ? BPF_RB_FORCE_WAKEUP       \
								  : BPF_RB_NO_WAKEUP);        \
			request->submitted++;                                                 \
		}                                                                             \
	} while (0)

static long produce_one(__u32 index, void *data)
{
	struct produce_request *request = data;
	__u32 is_discarded = request->discard_every && request->next_sequence % request->discard_every == 0;

	(void)index;
	if (request->long_every && request->next_sequence % request->long_every == 0)
		PRODUCE(LONG_RECORD_BYTES);
	else
		PRODUCE(RECORD_BYTES);
	request->next_sequence++;
	return 0;
}

/* Stops at a full ring. */
SEC("syscall")
int produce(struct produce_request *context)
{
	struct produce_request request = *context;

	/* Masked: an inlined bpf_loop compares all 64 bits of its u32, and the compiler may have loaded the next field with it. */
	bpf_loop(request.count & (MAX_LOOPS - 1), produce_one, &request, 0);
	*context = request;
	return 0;
}

static long is_gate_open(__u32 index, void *data)
{
	(void)index;
	return *(volatile __u32 *)*(void **)data == 1;
}

static long wait_longer(__u32 index, void *data)
{
	(void)index;
	bpf_loop(MAX_LOOPS, is_gate_open, data, 0);
	return *(volatile __u32 *)*(void **)data == 1;
}

/* Reserves a slot and leaves it BUSY until the gate opens, or for some seconds. */
SEC("syscall")
int hold(struct produce_request *context)
{
	__u32 key = 0;
	void *word = bpf_map_lookup_elem(&gate, &key);
	void *record;

	if (!word)
		return 1;
	record = bpf_ringbuf_reserve(&ring, RECORD_BYTES, 0);
	if (!record)
		return 2;
	fill(record, context->next_sequence, RECORD_BYTES);
	bpf_loop(1000, wait_longer, &word, 0);
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return 0;
}

char producer_license[] SEC("license") = "Dual BSD/GPL";
