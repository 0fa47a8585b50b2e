/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C side of the curves: loops over slots in memory, over the first of them only, again and again.
 *
 * Reads one command a line on standard input and answers with one line:
 *
 *   load PATH TIMES                     -> "ok BYTES"            slots of the file, TIMES times one after another
 *   scan OPS ANY END PASSES WAY         -> "NS COUNT CHECKSUM"   op events with op in OPS and one of cb flags ANY
 *   count OPS ANY END PASSES WAY        -> "NS COUNT 0"          the same, counted only: no survivor is noted
 *   sample THRESHOLD END PASSES WAY     -> "NS COUNT CHECKSUM"   op events whose lane key's bits 8-31 are below THRESHOLD
 *   five THRESHOLD END PASSES WAY       -> "NS COUNT CHECKSUM"   the same, then five fields of the survivors
 *
 * WAY: `plain` is one slot after another, what one writes first; `four` looks at four slots a turn, which an expert writes so that more cache lines are under way.
 * END is a byte offset, exclusive. COUNT is of all passes; CHECKSUM of scan and sample the sum of the survivors' word indices, modulo 2^32. A command's time is that of its loop alone.
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
	fprintf(stderr, "sweep: %s\n", what);
	exit(1);
}

static void load(const char *path, unsigned int times)
{
	FILE *file = fopen(path, "rb");
	long bytes;

	if (!file || fseek(file, 0, SEEK_END) || (bytes = ftell(file)) < 0)
		fail("cannot open the input");
	rewind(file);
	memory_bytes = (size_t)bytes * times;
	memory = mmap(NULL, memory_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	selection = malloc(memory_bytes / SOCKFLOW_SLOT_BYTES * sizeof(*selection) + 64);
	if (memory == MAP_FAILED || !selection || fread(memory, 1, (size_t)bytes, file) != (size_t)bytes)
		fail("cannot read the input");
	for (unsigned int at = 1; at < times; at++)
		memcpy(memory + (size_t)bytes * at, memory, (size_t)bytes);
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

/* What is wanted of an event: an op and a cb flag, or, where `is_sample`, a lane key below a threshold. */
struct wanted {
	uint32_t ops;
	uint32_t any;
	uint32_t threshold;
};

static inline int passes(const struct sockflow_event *event, struct wanted want, int is_sample)
{
	if (is_sample)
		return is_op(event) && event->lane_key >> 8 < want.threshold;
	return is_op(event) && event->op < 32 && (want.ops >> event->op & 1) && (event->presence & SOCKFLOW_HAS_BPF_SOCK_OPS_CB_FLAGS) && (event->bpf_sock_ops_cb_flags & want.any);
}

/* Whether four slots without sections lie here, so that none of them has to be read to find the next. */
static inline int are_four(size_t at, size_t end)
{
	uint32_t differences = 0;

	if (end - at < FOUR_BYTES)
		return 0;
	for (size_t index = 0; index < 4; index++) {
		const struct sockflow_event *event = (const void *)(memory + at + index * SOCKFLOW_SLOT_BYTES);

		__builtin_prefetch(memory + at + AHEAD_BYTES + index * SOCKFLOW_SLOT_BYTES);
		differences |= event->header_length ^ USUAL_LENGTH;
	}
	return !differences;
}

/* Inlined with its constants, so that each is the loop that one would write for it alone. */
static inline __attribute__((always_inline)) uint32_t walk_plain(struct wanted want, size_t end, int is_sample, int is_noted)
{
	uint32_t count = 0;

	for (size_t at = 0; at < end;) {
		const struct sockflow_event *event = (const void *)(memory + at);

		if (passes(event, want, is_sample)) {
			if (is_noted)
				selection[count] = (uint32_t)(at / 4);
			count++;
		}
		at += slot_bytes(event->header_length);
	}
	return count;
}

/* No branch depends on whether one survives: what is not wanted is overwritten by the next. */
static inline __attribute__((always_inline)) uint32_t walk_four(struct wanted want, size_t end, int is_sample, int is_noted)
{
	uint32_t count = 0;

	for (size_t at = 0; at < end;) {
		size_t slots = are_four(at, end) ? 4 : 1;

		for (size_t index = 0; index < slots; index++) {
			size_t slot = at + index * SOCKFLOW_SLOT_BYTES;

			if (is_noted)
				selection[count] = (uint32_t)(slot / 4);
			count += (uint32_t)passes((const void *)(memory + slot), want, is_sample);
		}
		at += slots == 4 ? FOUR_BYTES : slot_bytes(((const struct sockflow_event *)(const void *)(memory + at))->header_length);
	}
	return count;
}

enum work { SCAN, COUNT, SAMPLE, FIVE };

static uint32_t walk(enum work work, struct wanted want, size_t end, int is_four)
{
	if (work == COUNT)
		return is_four ? walk_four(want, end, 0, 0) : walk_plain(want, end, 0, 0);
	if (work == SCAN)
		return is_four ? walk_four(want, end, 0, 1) : walk_plain(want, end, 0, 1);
	return is_four ? walk_four(want, end, 1, 1) : walk_plain(want, end, 1, 1);
}

static uint32_t sum_of_words(uint32_t count)
{
	uint32_t sum = 0;

	for (uint32_t index = 0; index < count; index++)
		sum += selection[index];
	return sum;
}

static uint32_t five_fields(uint32_t count)
{
	uint32_t sum = 0;

	for (uint32_t index = 0; index < count; index++) {
		const struct sockflow_event *event = (const void *)(memory + (size_t)selection[index] * 4);

		if (event->presence & SOCKFLOW_HAS_SRTT_US)
			sum += (event->srtt_us >> 3) + event->snd_cwnd + event->total_retrans + (uint32_t)event->bytes_acked + event->local_port;
	}
	return sum;
}

static void run(enum work work, struct wanted want, size_t end, unsigned int passes, int is_four)
{
	uint64_t start_ns = now_ns();
	uint64_t count = 0;
	uint32_t checksum = 0;

	if (end > memory_bytes)
		fail("the end lies behind the input");
	for (unsigned int pass = 0; pass < passes; pass++) {
		uint32_t found = walk(work, want, end, is_four);

		count += found;
		if (work != COUNT)
			checksum += work == FIVE ? five_fields(found) : sum_of_words(found);
	}
	printf("%llu %llu %u\n", (unsigned long long)(now_ns() - start_ns), (unsigned long long)count, checksum);
}

int main(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		struct wanted want = {};
		unsigned int passes;
		size_t end;
		char way[8] = "";
		char path[4000];

		if (sscanf(line, "load %3999s %u", path, &passes) == 2)
			load(path, passes);
		else if (sscanf(line, "scan %u %u %zu %u %7s", &want.ops, &want.any, &end, &passes, way) == 5)
			run(SCAN, want, end, passes, !strcmp(way, "four"));
		else if (sscanf(line, "count %u %u %zu %u %7s", &want.ops, &want.any, &end, &passes, way) == 5)
			run(COUNT, want, end, passes, !strcmp(way, "four"));
		else if (sscanf(line, "sample %u %zu %u %7s", &want.threshold, &end, &passes, way) == 4)
			run(SAMPLE, want, end, passes, !strcmp(way, "four"));
		else if (sscanf(line, "five %u %zu %u %7s", &want.threshold, &end, &passes, way) == 4)
			run(FIVE, want, end, passes, !strcmp(way, "four"));
		else
			fail("unknown command");
		fflush(stdout);
	}
	return 0;
}
