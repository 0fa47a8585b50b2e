/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C side of the curves: loops over slots in memory, over the first of them only, again and again.
 *
 * Reads one command a line on standard input and answers with one line:
 *
 *   load PATH TIMES                     -> "ok BYTES"            slots of the file, TIMES times one after another
 *   scan OPS ANY END PASSES             -> "NS COUNT CHECKSUM"   op events with op in OPS and one of cb flags ANY
 *   sample THRESHOLD END PASSES         -> "NS COUNT CHECKSUM"   op events whose lane key's bits 8-31 are below THRESHOLD
 *   five THRESHOLD END PASSES           -> "NS COUNT CHECKSUM"   the same, then five fields of the survivors
 *
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
#define NO_OPS 0U

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

static uint32_t scan(uint32_t ops, uint32_t any, size_t end)
{
	uint32_t count = 0;

	for (size_t at = 0; at < end;) {
		const struct sockflow_event *event = (const void *)(memory + at);

		if (is_op(event) && event->op < 32 && (ops >> event->op & 1) && (event->presence & SOCKFLOW_HAS_BPF_SOCK_OPS_CB_FLAGS) &&
		    (event->bpf_sock_ops_cb_flags & any))
			selection[count++] = (uint32_t)(at / 4);
		at += slot_bytes(event->header_length);
	}
	return count;
}

static uint32_t sample(uint32_t threshold, size_t end)
{
	uint32_t count = 0;

	for (size_t at = 0; at < end;) {
		const struct sockflow_event *event = (const void *)(memory + at);

		if (is_op(event) && event->lane_key >> 8 < threshold)
			selection[count++] = (uint32_t)(at / 4);
		at += slot_bytes(event->header_length);
	}
	return count;
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

static void run(uint32_t ops, uint32_t any_or_threshold, size_t end, unsigned int passes, int is_five)
{
	uint64_t start_ns = now_ns();
	uint64_t count = 0;
	uint32_t checksum = 0;

	if (end > memory_bytes)
		fail("the end lies behind the input");
	for (unsigned int pass = 0; pass < passes; pass++) {
		uint32_t found = ops != NO_OPS ? scan(ops, any_or_threshold, end) : sample(any_or_threshold, end);

		count += found;
		checksum += is_five ? five_fields(found) : sum_of_words(found);
	}
	printf("%llu %llu %u\n", (unsigned long long)(now_ns() - start_ns), (unsigned long long)count, checksum);
}

int main(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		unsigned int ops;
		unsigned int value;
		unsigned int passes;
		size_t end;
		char path[4000];

		if (sscanf(line, "load %3999s %u", path, &passes) == 2)
			load(path, passes);
		else if (sscanf(line, "scan %u %u %zu %u", &ops, &value, &end, &passes) == 4)
			run(ops, value, end, passes, 0);
		else if (sscanf(line, "sample %u %zu %u", &value, &end, &passes) == 3)
			run(NO_OPS, value, end, passes, 0);
		else if (sscanf(line, "five %u %zu %u", &value, &end, &passes) == 3)
			run(NO_OPS, value, end, passes, 1);
		else
			fail("unknown command");
		fflush(stdout);
	}
	return 0;
}
