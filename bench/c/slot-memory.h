/* SPDX-License-Identifier: Apache-2.0 */
/* Slots in memory, one after another, and what slots.c and sweep.c ask of one: both walk them in ways of their own. */
#ifndef SLOT_MEMORY_H
#define SLOT_MEMORY_H

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
/* Word indices of survivors. */
static uint32_t *selection;

static uint64_t now_ns(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000000000ULL + (uint64_t)at.tv_nsec;
}

static void fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

/* The slots of a file, so many times one after another. */
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

static inline const struct sockflow_event *event_at(size_t at)
{
	return (const void *)(memory + at);
}

static inline uint32_t slot_bytes(uint32_t length)
{
	return ((length & LENGTH_MASK) + SOCKFLOW_RING_HEADER_BYTES + 7) & ~7U;
}

static inline int is_op(const struct sockflow_event *event)
{
	return !(event->header_length & BUSY_OR_DISCARD) && event->kind == SOCKFLOW_KIND_OP;
}

static inline int has_op_and_flag(const struct sockflow_event *event, uint32_t ops, uint32_t any)
{
	return is_op(event) && event->op < 32 && (ops >> event->op & 1) && (event->presence & SOCKFLOW_HAS_BPF_SOCK_OPS_CB_FLAGS) &&
	       (event->bpf_sock_ops_cb_flags & any);
}

/* Whether four slots without sections lie here, so that none of them has to be read to find the next. */
static inline int are_four(size_t at, size_t end)
{
	uint32_t differences = 0;

	if (end - at < FOUR_BYTES)
		return 0;
	for (size_t index = 0; index < 4; index++) {
		__builtin_prefetch(memory + at + AHEAD_BYTES + index * SOCKFLOW_SLOT_BYTES);
		differences |= event_at(at + index * SOCKFLOW_SLOT_BYTES)->header_length ^ USUAL_LENGTH;
	}
	return !differences;
}

static inline uint32_t five_fields(const struct sockflow_event *event)
{
	if (!(event->presence & SOCKFLOW_HAS_SRTT_US))
		return 0;
	return (event->srtt_us >> 3) + event->snd_cwnd + event->total_retrans + (uint32_t)event->bytes_acked + event->local_port;
}

#endif
