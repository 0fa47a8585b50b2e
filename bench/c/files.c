/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C side of the file benchmarks: recordings (docs/specs/recording.md) read block by block with read(2), checked with zlib's crc32, filtered,
 * written with write(2) in blocks of the same size.
 *
 *   copy OPS ANY BLOCK IN OUT   -> "NS COUNT CHECKSUM"   survivors to OUT; OPS = 0: all slots survive
 *   read IN                     -> "NS COUNT CHECKSUM"   blocks read and checked, their slots not looked at: COUNT as the headers
 *                                                        state it, CHECKSUM is the payloads' bytes modulo 2^32
 *   csv IN OUT                  -> "NS COUNT CHECKSUM"   eight fields of every event as lines of CSV, by fprintf
 *   lanes N OPS ANY IN          -> "NS COUNT CHECKSUM"   N threads, each its own blocks: read, CRC, filter, count
 *
 * COUNT is survivors; the checksum is the sum of the low words of the survivors' times, modulo 2^32.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/types.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "sockflow_event.h"

#define LENGTH_MASK 0x3fffffffU
#define BUSY_OR_DISCARD 0xc0000000U
#define FRAME_BLOCK 2
#define BLOCK_HEADER_BYTES 832
#define HEADER_MAX 65536
#define PAYLOAD_MAX (16U << 20)
#define CSV_BUFFER_BYTES (256U << 10)

struct frame {
	__u32 magic;
	__u16 type;
	__u16 flags;
	__u32 header_bytes;
	__u32 body_bytes;
	__u64 offset;
	__u32 number;
	__u32 body_crc;
};

struct survivors {
	uint64_t count;
	uint32_t checksum;
};

struct lane {
	const char *path;
	unsigned int lane;
	unsigned int lanes;
	uint32_t ops;
	uint32_t any;
	struct survivors found;
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000000000ULL + (uint64_t)at.tv_nsec;
}

static void *cache_aligned(size_t bytes)
{
	void *memory = aligned_alloc(4096, bytes);

	if (!memory)
		fail("aligned_alloc");
	memset(memory, 0, bytes);
	return memory;
}

static inline int survives(const struct sockflow_event *event, uint32_t ops, uint32_t any)
{
	if (!ops)
		return 1;
	return event->kind == SOCKFLOW_KIND_OP && event->op < 32 && (ops >> event->op & 1) &&
	       (event->presence & SOCKFLOW_HAS_BPF_SOCK_OPS_CB_FLAGS) && (event->bpf_sock_ops_cb_flags & any);
}

static inline uint32_t slot_bytes(uint32_t length)
{
	return (length & LENGTH_MASK) + SOCKFLOW_RING_HEADER_BYTES;
}

/* Where the first frame starts. */
static off_t first_frame(int fd)
{
	__u32 header_bytes;

	if (pread(fd, &header_bytes, 4, 12) != 4)
		fail("header");
	return header_bytes;
}

static void check_body(const struct frame *frame, const uint8_t *body)
{
	if (crc32(0, body, frame->body_bytes) != frame->body_crc) {
		fprintf(stderr, "files: a block's CRC is wrong\n");
		exit(1);
	}
}

static void write_block(int out, uint8_t *header, const uint8_t *body, uint32_t bytes)
{
	struct frame *frame = (void *)header;

	frame->body_bytes = bytes;
	frame->body_crc = (uint32_t)crc32(0, body, bytes);
	if (write(out, header, BLOCK_HEADER_BYTES) != BLOCK_HEADER_BYTES || write(out, body, bytes) != (ssize_t)bytes)
		fail("write");
}

static void copy(uint32_t ops, uint32_t any, uint32_t block_bytes, const char *in_path, const char *out_path)
{
	int in = open(in_path, O_RDONLY);
	int out = open(out_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	uint8_t *header = cache_aligned(HEADER_MAX);
	uint8_t *body = cache_aligned(PAYLOAD_MAX);
	uint8_t *kept = cache_aligned(block_bytes);
	uint8_t *out_header = cache_aligned(BLOCK_HEADER_BYTES);
	struct frame *frame = (void *)header;
	uint64_t start_ns = now_ns();
	uint32_t fill = 0;
	struct survivors found = { 0, 0 };

	if (in < 0 || out < 0 || lseek(in, first_frame(in), SEEK_SET) < 0)
		fail("open");
	while (read(in, header, 64) == 64) {
		if (frame->header_bytes > 64 && read(in, header + 64, frame->header_bytes - 64) != (ssize_t)frame->header_bytes - 64)
			fail("read");
		if (frame->body_bytes && read(in, body, frame->body_bytes) != (ssize_t)frame->body_bytes)
			fail("read");
		if (frame->type != FRAME_BLOCK)
			continue;
		check_body(frame, body);
		for (uint32_t at = 0; at < frame->body_bytes;) {
			const struct sockflow_event *event = (const void *)(body + at);
			uint32_t bytes = slot_bytes(event->header_length);

			if (survives(event, ops, any)) {
				if (fill + bytes > block_bytes) {
					write_block(out, out_header, kept, fill);
					fill = 0;
				}
				memcpy(kept + fill, event, bytes);
				fill += bytes;
				found.count++;
				found.checksum += (uint32_t)event->ts_boot_ns;
			}
			at += bytes;
		}
	}
	if (fill)
		write_block(out, out_header, kept, fill);
	printf("%llu %llu %u\n", (unsigned long long)(now_ns() - start_ns), (unsigned long long)found.count, found.checksum);
	close(in);
	close(out);
	free(header);
	free(body);
	free(kept);
	free(out_header);
}

/* Events as a block's header states them: its slots but for markers, which are of kinds 4 and 5. */
static uint32_t stated_events(const uint8_t *header)
{
	uint32_t slots, loss, anchors;

	memcpy(&slots, header + 104, 4);
	memcpy(&loss, header + 112 + 4 * 4, 4);
	memcpy(&anchors, header + 112 + 5 * 4, 4);
	return slots - loss - anchors;
}

static void read_only(const char *in_path)
{
	int in = open(in_path, O_RDONLY);
	uint8_t *header = cache_aligned(HEADER_MAX);
	uint8_t *body = cache_aligned(PAYLOAD_MAX);
	struct frame *frame = (void *)header;
	uint64_t start_ns = now_ns();
	struct survivors found = { 0, 0 };

	if (in < 0 || lseek(in, first_frame(in), SEEK_SET) < 0)
		fail("open");
	while (read(in, header, 64) == 64) {
		if (frame->header_bytes > 64 && read(in, header + 64, frame->header_bytes - 64) != (ssize_t)frame->header_bytes - 64)
			fail("read");
		if (frame->body_bytes && read(in, body, frame->body_bytes) != (ssize_t)frame->body_bytes)
			fail("read");
		if (frame->type != FRAME_BLOCK)
			continue;
		check_body(frame, body);
		found.count += stated_events(header);
		found.checksum += frame->body_bytes;
	}
	printf("%llu %llu %u\n", (unsigned long long)(now_ns() - start_ns), (unsigned long long)found.count, found.checksum);
	close(in);
	free(header);
	free(body);
}

static void print_address(FILE *out, const struct sockflow_event *event)
{
	const __u32 *ip6 = event->remote_ip6;
	const __u8 *byte = (const __u8 *)&event->remote_ip4;
	char text[INET6_ADDRSTRLEN];

	if (!(event->presence & SOCKFLOW_HAS_REMOTE_IP4)) {
		if (!(event->presence & SOCKFLOW_HAS_REMOTE_IP6))
			return;
		if (ip6[0] || ip6[1] || ip6[2] != 0xffff0000U) {
			fputs(inet_ntop(AF_INET6, ip6, text, sizeof(text)), out);
			return;
		}
		byte = (const __u8 *)&ip6[3];
	}
	fprintf(out, "%u.%u.%u.%u", byte[0], byte[1], byte[2], byte[3]);
}

static void print_event(FILE *out, const struct sockflow_event *event)
{
	__u64 presence = event->presence;

	fprintf(out, "%llu,%llu,", (unsigned long long)event->ts_boot_ns, (unsigned long long)event->cookie);
	print_address(out, event);
	fprintf(out, ",%u,", ntohs(event->remote_port));
	if (presence & SOCKFLOW_HAS_SRTT_US)
		fprintf(out, "%u", event->srtt_us >> 3);
	fputc_unlocked(',', out);
	if (presence & SOCKFLOW_HAS_SND_CWND)
		fprintf(out, "%u", event->snd_cwnd);
	fputc_unlocked(',', out);
	if (presence & SOCKFLOW_HAS_BYTES_ACKED)
		fprintf(out, "%llu", (unsigned long long)event->bytes_acked);
	fputc_unlocked(',', out);
	if (presence & SOCKFLOW_HAS_TOTAL_RETRANS)
		fprintf(out, "%u", event->total_retrans);
	fputs("\r\n", out);
}

static void csv(const char *in_path, const char *out_path)
{
	int in = open(in_path, O_RDONLY);
	FILE *out = fopen(out_path, "w");
	uint8_t *header = cache_aligned(HEADER_MAX);
	uint8_t *body = cache_aligned(PAYLOAD_MAX);
	struct frame *frame = (void *)header;
	uint64_t start_ns = now_ns();
	struct survivors found = { 0, 0 };

	if (in < 0 || !out || lseek(in, first_frame(in), SEEK_SET) < 0 || setvbuf(out, NULL, _IOFBF, CSV_BUFFER_BYTES))
		fail("open");
	fputs("tsNs,cookie,remoteAddress,remotePort,srttUs,sndCwnd,bytesAcked,totalRetrans\r\n", out);
	while (read(in, header, 64) == 64) {
		if (frame->header_bytes > 64 && read(in, header + 64, frame->header_bytes - 64) != (ssize_t)frame->header_bytes - 64)
			fail("read");
		if (frame->body_bytes && read(in, body, frame->body_bytes) != (ssize_t)frame->body_bytes)
			fail("read");
		if (frame->type != FRAME_BLOCK)
			continue;
		check_body(frame, body);
		for (uint32_t at = 0; at < frame->body_bytes;) {
			const struct sockflow_event *event = (const void *)(body + at);

			if (event->kind < SOCKFLOW_KIND_LOSS_MARKER) {
				print_event(out, event);
				found.count++;
			}
			at += slot_bytes(event->header_length);
		}
	}
	if (fclose(out))
		fail("write");
	printf("%llu %llu %u\n", (unsigned long long)(now_ns() - start_ns), (unsigned long long)found.count, found.checksum);
	close(in);
	free(header);
	free(body);
}

/* Whether a block's buckets (byte 88) hold one of the lane's. */
static int is_mine(const uint8_t *header, const struct lane *lane)
{
	__u64 buckets;

	memcpy(&buckets, header + 88, 8);
	for (unsigned int bucket = lane->lane; bucket < SOCKFLOW_LANE_BUCKETS; bucket += lane->lanes)
		if (buckets >> bucket & 1)
			return 1;
	return 0;
}

static void *run_lane(void *argument)
{
	struct lane *lane = argument;
	int in = open(lane->path, O_RDONLY);
	uint8_t *header = cache_aligned(HEADER_MAX);
	uint8_t *body = cache_aligned(PAYLOAD_MAX);
	struct frame *frame = (void *)header;
	off_t at;

	if (in < 0)
		fail("open");
	at = first_frame(in);
	while (pread(in, header, BLOCK_HEADER_BYTES, at) >= 64) {
		off_t next = at + frame->header_bytes + frame->body_bytes;

		if (frame->type == FRAME_BLOCK && is_mine(header, lane)) {
			if (pread(in, body, frame->body_bytes, at + frame->header_bytes) != (ssize_t)frame->body_bytes)
				fail("pread");
			check_body(frame, body);
			for (uint32_t slot = 0; slot < frame->body_bytes;) {
				const struct sockflow_event *event = (const void *)(body + slot);

				if ((event->lane_key % SOCKFLOW_LANE_BUCKETS) % lane->lanes == lane->lane && survives(event, lane->ops, lane->any)) {
					lane->found.count++;
					lane->found.checksum += (uint32_t)event->ts_boot_ns;
				}
				slot += slot_bytes(event->header_length);
			}
		}
		at = next;
	}
	close(in);
	free(header);
	free(body);
	return NULL;
}

static void lanes(unsigned int count, uint32_t ops, uint32_t any, const char *path)
{
	pthread_t threads[64];
	struct lane each[64];
	struct survivors found = { 0, 0 };
	uint64_t start_ns = now_ns();

	if (count < 1 || count > 64)
		fail("lanes");
	for (unsigned int index = 0; index < count; index++) {
		each[index] = (struct lane){ .path = path, .lane = index, .lanes = count, .ops = ops, .any = any };
		if (pthread_create(&threads[index], NULL, run_lane, &each[index]))
			fail("pthread_create");
	}
	for (unsigned int index = 0; index < count; index++) {
		pthread_join(threads[index], NULL);
		found.count += each[index].found.count;
		found.checksum += each[index].found.checksum;
	}
	printf("%llu %llu %u\n", (unsigned long long)(now_ns() - start_ns), (unsigned long long)found.count, found.checksum);
}

int main(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		unsigned int count, ops, any, block;
		char in[2000], out[2000];

		if (sscanf(line, "copy %u %u %u %1999s %1999s", &ops, &any, &block, in, out) == 5)
			copy(ops, any, block, in, out);
		else if (sscanf(line, "read %1999s", in) == 1)
			read_only(in);
		else if (sscanf(line, "csv %1999s %1999s", in, out) == 2)
			csv(in, out);
		else if (sscanf(line, "lanes %u %u %u %1999s", &count, &ops, &any, in) == 4)
			lanes(count, ops, any, in);
		else
			fail("unknown command");
		fflush(stdout);
	}
	return 0;
}
