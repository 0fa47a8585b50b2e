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
#include "slot-memory.h"

/* Word indices of the survivors into selection; how many. */
static uint32_t scan_plain(uint32_t ops, uint32_t any)
{
	uint32_t count = 0;
	size_t at = 0;

	while (at < memory_bytes) {
		const struct sockflow_event *event = event_at(at);

		if (has_op_and_flag(event, ops, any))
			selection[count++] = (uint32_t)(at / 4);
		at += slot_bytes(event->header_length);
	}
	return count;
}

/* No branch depends on whether one survives: what is not wanted is overwritten by the next. */
static uint32_t scan_four(uint32_t ops, uint32_t any)
{
	uint32_t count = 0;
	size_t at = 0;

	while (at < memory_bytes) {
		size_t slots = are_four(at, memory_bytes) ? 4 : 1;

		for (size_t index = 0; index < slots; index++) {
			size_t slot = at + index * SOCKFLOW_SLOT_BYTES;

			selection[count] = (uint32_t)(slot / 4);
			count += (uint32_t)has_op_and_flag(event_at(slot), ops, any);
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

/* The loop that one writes first, with what it does to an event put into it. No op or flag is looked at: that would be filtering. */
static inline __attribute__((always_inline)) void run_plain(uint32_t (*fields_of)(const struct sockflow_event *))
{
	uint64_t start_ns = now_ns();
	uint32_t count = 0;
	uint32_t checksum = 0;
	size_t at = 0;

	while (at < memory_bytes) {
		const struct sockflow_event *event = event_at(at);

		if (is_op(event)) {
			checksum += fields_of(event);
			count++;
		}
		at += slot_bytes(event->header_length);
	}
	report(start_ns, count, checksum);
}

static void run_five_plain(void)
{
	run_plain(five_fields);
}

static void run_five_four(void)
{
	uint64_t start_ns = now_ns();
	uint32_t count = 0;
	uint32_t checksum = 0;
	size_t at = 0;

	while (at < memory_bytes) {
		size_t slots = are_four(at, memory_bytes) ? 4 : 1;

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
	run_plain(every_field);
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
			load(path, 1);
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
