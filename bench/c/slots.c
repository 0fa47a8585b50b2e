/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C side of the decode and pipeline benchmarks: the same loops over the same slots, in one thread or two.
 *
 * Reads one command a line on standard input and answers with one line:
 *
 *   load PATH                       -> "ok BYTES"            slots, one after another, into memory on a cache line
 *   scan OPS ANY WAY                -> "NS COUNT CHECKSUM"   word index of each op event with op in OPS and one of cb flags ANY
 *   five WAY                        -> "NS COUNT CHECKSUM"   five fields of every op event that has them, summed; nothing is filtered
 *   every WAY                       -> "NS COUNT CHECKSUM"   every field that means something, of every op event, summed
 *   read                            -> "NS COUNT CHECKSUM"   all memory read as u64: the bandwidth
 *
 * WAY: `plain` is one slot after another, what one writes first; `four` looks at four slots a turn, which an expert writes so that more cache lines are under way. `every` has only the first.
 * Checksums are sums modulo 2^32. A command's time is that of its loop alone. The peers in bench/peers answer the same commands.
 */
#include <linux/types.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "sockflow_event.h"

#define LENGTH_MASK 0x3fffffffU
#define BUSY_OR_DISCARD 0xc0000000U
/* Of a slot without sections. */
#define USUAL_LENGTH (SOCKFLOW_SLOT_BYTES - SOCKFLOW_RING_HEADER_BYTES)
#define FOUR_BYTES ((size_t)4 * SOCKFLOW_SLOT_BYTES)
#define AHEAD_BYTES ((size_t)16 * SOCKFLOW_SLOT_BYTES)

static uint8_t *memory;
static size_t memory_bytes;
static uint32_t *selection;

static uint64_t now_ns(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000000000ULL + (uint64_t)at.tv_nsec;
}

static void fail(const char *what)
{
	fprintf(stderr, "slots: %s\n", what);
	exit(1);
}

static void load(const char *path)
{
	FILE *file = fopen(path, "rb");
	long bytes;

	if (!file || fseek(file, 0, SEEK_END) || (bytes = ftell(file)) < 0)
		fail("cannot open the input");
	rewind(file);
	memory_bytes = (size_t)bytes;
	memory = mmap(NULL, memory_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	selection = malloc(memory_bytes / SOCKFLOW_SLOT_BYTES * sizeof(*selection) + 64);
	if (memory == MAP_FAILED || !selection || fread(memory, 1, memory_bytes, file) != memory_bytes)
		fail("cannot read the input");
	/* Touched once before it is timed, as the other side's is. */
	memset(selection, 0, memory_bytes / SOCKFLOW_SLOT_BYTES * sizeof(*selection));
	fclose(file);
	printf("ok %zu\n", memory_bytes);
}

static inline uint32_t slot_bytes(uint32_t length)
{
	return ((length & LENGTH_MASK) + SOCKFLOW_RING_HEADER_BYTES + 7) & ~7U;
}

static inline int is_op(const struct sockflow_event *event)
{
	return !(event->header_length & BUSY_OR_DISCARD) && event->kind == SOCKFLOW_KIND_OP;
}

static inline int passes(const struct sockflow_event *event, uint32_t ops, uint32_t any)
{
	return is_op(event) && event->op < 32 && (ops >> event->op & 1) && (event->presence & SOCKFLOW_HAS_BPF_SOCK_OPS_CB_FLAGS) &&
	       (event->bpf_sock_ops_cb_flags & any);
}

static inline const struct sockflow_event *event_at(size_t at)
{
	return (const void *)(memory + at);
}

/* Word indices of the survivors into selection; how many. */
static uint32_t scan_plain(uint32_t ops, uint32_t any)
{
	uint32_t count = 0;
	size_t at = 0;

	while (at < memory_bytes) {
		const struct sockflow_event *event = event_at(at);

		if (passes(event, ops, any))
			selection[count++] = (uint32_t)(at / 4);
		at += slot_bytes(event->header_length);
	}
	return count;
}

/* Whether four slots without sections lie here, so that none of them has to be read to find the next. */
static inline int are_four(size_t at)
{
	uint32_t differences = 0;

	if (memory_bytes - at < FOUR_BYTES)
		return 0;
	for (size_t index = 0; index < 4; index++) {
		__builtin_prefetch(memory + at + AHEAD_BYTES + index * SOCKFLOW_SLOT_BYTES);
		differences |= event_at(at + index * SOCKFLOW_SLOT_BYTES)->header_length ^ USUAL_LENGTH;
	}
	return !differences;
}

/* No branch depends on whether one survives: what is not wanted is overwritten by the next. */
static uint32_t scan_four(uint32_t ops, uint32_t any)
{
	uint32_t count = 0;
	size_t at = 0;

	while (at < memory_bytes) {
		size_t slots = are_four(at) ? 4 : 1;

		for (size_t index = 0; index < slots; index++) {
			size_t slot = at + index * SOCKFLOW_SLOT_BYTES;

			selection[count] = (uint32_t)(slot / 4);
			count += (uint32_t)passes(event_at(slot), ops, any);
		}
		at += slots == 4 ? FOUR_BYTES : slot_bytes(event_at(at)->header_length);
	}
	return count;
}

static void report(uint64_t start_ns, uint32_t count, uint32_t checksum)
{
	printf("%llu %u %u\n", (unsigned long long)(now_ns() - start_ns), count, checksum);
}

static void run_scan(uint32_t ops, uint32_t any, int is_four)
{
	uint64_t start_ns = now_ns();
	uint32_t count = is_four ? scan_four(ops, any) : scan_plain(ops, any);
	uint64_t took_ns = now_ns() - start_ns;
	uint32_t checksum = 0;

	for (uint32_t index = 0; index < count; index++)
		checksum += selection[index];
	printf("%llu %u %u\n", (unsigned long long)took_ns, count, checksum);
}

static inline uint32_t five_fields(const struct sockflow_event *event)
{
	if (!(event->presence & SOCKFLOW_HAS_SRTT_US))
		return 0;
	return (event->srtt_us >> 3) + event->snd_cwnd + event->total_retrans + (uint32_t)event->bytes_acked + event->local_port;
}

/* No op or flag is looked at: that would be filtering. */
static void run_five_plain(void)
{
	uint64_t start_ns = now_ns();
	uint32_t count = 0;
	uint32_t checksum = 0;
	size_t at = 0;

	while (at < memory_bytes) {
		const struct sockflow_event *event = event_at(at);

		if (is_op(event)) {
			checksum += five_fields(event);
			count++;
		}
		at += slot_bytes(event->header_length);
	}
	report(start_ns, count, checksum);
}

static void run_five_four(void)
{
	uint64_t start_ns = now_ns();
	uint32_t count = 0;
	uint32_t checksum = 0;
	size_t at = 0;

	while (at < memory_bytes) {
		size_t slots = are_four(at) ? 4 : 1;

		for (size_t index = 0; index < slots; index++) {
			const struct sockflow_event *event = event_at(at + index * SOCKFLOW_SLOT_BYTES);

			if (is_op(event)) {
				checksum += five_fields(event);
				count++;
			}
		}
		at += slots == 4 ? FOUR_BYTES : slot_bytes(event_at(at)->header_length);
	}
	report(start_ns, count, checksum);
}

#define ADD(bit, value)                       \
	do {                                  \
		if (has & SOCKFLOW_HAS_##bit) \
			sum += (value);       \
	} while (0)

static inline uint32_t every_field(const struct sockflow_event *e)
{
	uint64_t has = e->presence;
	uint32_t sum = 0;

	sum += e->kind + e->op + e->state + (e->bits & SOCKFLOW_FAMILY_MASK) + ((e->bits >> SOCKFLOW_IS_FULLSOCK_SHIFT) & 1) + (e->bits >> SOCKFLOW_HAS_SKB_SHIFT);
	sum += (uint32_t)(uint64_t)((double)(e->ts_boot_ns >> 32) * 4294967.296 + (double)(uint32_t)e->ts_boot_ns / 1000) + (uint32_t)e->cookie + e->local_port + __builtin_bswap16(e->remote_port) + e->lane_key;
	ADD(NETNS_COOKIE, (uint32_t)e->netns_cookie);
	ADD(CPU, e->cpu);
	ADD(OWNER_ROLE, (e->bits >> SOCKFLOW_OWNER_ROLE_SHIFT) & SOCKFLOW_OWNER_ROLE_MASK);
	ADD(OWNER_PID, e->owner_pid);
	ADD(CGROUP_ID, (uint32_t)e->cgroup_id);
	ADD(SK_ERR, e->sk_err);
	ADD(ARGS, e->args[0] + e->args[1] + e->args[2] + e->args[3]);
	ADD(BPF_SOCK_OPS_CB_FLAGS, e->bpf_sock_ops_cb_flags);
	ADD(SKB_TCP_FLAGS, e->skb_tcp_flags);
	ADD(ECN_FLAGS, e->ecn_flags);
	ADD(BYTES_RECEIVED, (uint32_t)e->bytes_received);
	ADD(BYTES_ACKED, (uint32_t)e->bytes_acked);
	ADD(SND_CWND, e->snd_cwnd);
	ADD(SRTT_US, e->srtt_us >> 3);
	if ((has & SOCKFLOW_HAS_RTT_MIN) && e->rtt_min != 0xffffffffU)
		sum += e->rtt_min;
	ADD(SND_SSTHRESH, e->snd_ssthresh);
	ADD(RCV_NXT, e->rcv_nxt);
	ADD(SND_NXT, e->snd_nxt);
	ADD(SND_UNA, e->snd_una);
	ADD(MSS_CACHE, e->mss_cache);
	ADD(RATE_DELIVERED, e->rate_delivered);
	ADD(RATE_INTERVAL_US, e->rate_interval_us);
	ADD(PACKETS_OUT, e->packets_out);
	ADD(RETRANS_OUT, e->retrans_out);
	ADD(TOTAL_RETRANS, e->total_retrans);
	ADD(SEGS_IN, e->segs_in);
	ADD(DATA_SEGS_IN, e->data_segs_in);
	ADD(SEGS_OUT, e->segs_out);
	ADD(DATA_SEGS_OUT, e->data_segs_out);
	ADD(LOST_OUT, e->lost_out);
	ADD(SACKED_OUT, e->sacked_out);
	ADD(SK_TXHASH, e->sk_txhash);
	ADD(SKB_LEN, e->skb_len);
	if (has & SOCKFLOW_HAS_TCP_HEADER)
		sum += ((const struct sockflow_section *)((const uint8_t *)e + SOCKFLOW_SLOT_BYTES))->length;
	return sum;
}

static void run_every(void)
{
	uint64_t start_ns = now_ns();
	uint32_t count = 0;
	uint32_t checksum = 0;
	size_t at = 0;

	while (at < memory_bytes) {
		const struct sockflow_event *event = event_at(at);

		if (is_op(event)) {
			checksum += every_field(event);
			count++;
		}
		at += slot_bytes(event->header_length);
	}
	report(start_ns, count, checksum);
}

static void run_read(void)
{
	uint64_t start_ns = now_ns();
	const uint64_t *words = (const void *)memory;
	uint64_t checksum = 0;

	for (size_t index = 0; index < memory_bytes / 8; index++)
		checksum += words[index];
	report(start_ns, (uint32_t)(memory_bytes / SOCKFLOW_SLOT_BYTES), (uint32_t)checksum);
}

int main(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		unsigned int ops;
		unsigned int any;
		char path[4000];
		int is_four = strstr(line, " four\n") != NULL;

		if (sscanf(line, "load %3999[^\n]", path) == 1)
			load(path);
		else if (sscanf(line, "scan %u %u", &ops, &any) == 2)
			run_scan(ops, any, is_four);
		else if (!strncmp(line, "five ", 5))
			(is_four ? run_five_four : run_five_plain)();
		else if (!strncmp(line, "every ", 6))
			run_every();
		else if (!strcmp(line, "read\n"))
			run_read();
		else
			fail("unknown command");
		fflush(stdout);
	}
	return 0;
}
