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
#include "slot-memory.h"

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
	return has_op_and_flag(event, want.ops, want.any);
}

/* Inlined with its constants, so that each is the loop that one would write for it alone. */
static inline __attribute__((always_inline)) uint32_t walk_plain(struct wanted want, size_t end, int is_sample, int is_noted)
{
	uint32_t count = 0;

	for (size_t at = 0; at < end;) {
		const struct sockflow_event *event = event_at(at);

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
			count += (uint32_t)passes(event_at(slot), want, is_sample);
		}
		at += slots == 4 ? FOUR_BYTES : slot_bytes(event_at(at)->header_length);
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

static uint32_t sum_of_five(uint32_t count)
{
	uint32_t sum = 0;

	for (uint32_t index = 0; index < count; index++)
		sum += five_fields(event_at((size_t)selection[index] * 4));
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
			checksum += work == FIVE ? sum_of_five(found) : sum_of_words(found);
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
