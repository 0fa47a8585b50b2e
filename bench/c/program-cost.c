/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads the smallest program (smallest.bpf.c) and tells what its runs cost. While this process lives, the kernel takes the time of all programs (BPF_ENABLE_STATS).
 *
 *   program-cost SMALLEST_OBJECT
 *
 * Reads one command a line on standard input and answers with one line:
 *
 *   attach CGROUP  -> "ok"
 *   stats          -> "RUNS NS"           of all runs so far
 *   drain          -> "COUNT COUNT ..."   slots in the ring by op, 0 to 31; the ring is empty afterwards
 */
#include <linux/types.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sockflow_event.h"

#define OPS 32

static struct bpf_program *program;
static struct ring_buffer *consumer;
static uint64_t by_op[OPS];

static void fail(const char *what)
{
	fprintf(stderr, "program-cost: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int on_record(void *context, void *data, size_t bytes)
{
	const struct sockflow_event *event = (const void *)((const char *)data - SOCKFLOW_RING_HEADER_BYTES);

	(void)context;
	(void)bytes;
	if (event->op < OPS)
		by_op[event->op]++;
	return 0;
}

static void load(const char *object_path)
{
	struct bpf_object *object = bpf_object__open_file(object_path, NULL);

	if (!object)
		fail(object_path);
	if (bpf_object__load(object))
		fail("load");
	program = bpf_object__find_program_by_name(object, "smallest");
	consumer = ring_buffer__new(bpf_object__find_map_fd_by_name(object, "ring"), on_record, NULL, NULL);
	if (!program || !consumer)
		fail("ring_buffer__new");
	if (bpf_enable_stats(BPF_STATS_RUN_TIME) < 0)
		fail("BPF_ENABLE_STATS");
}

static void attach(const char *cgroup)
{
	int fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || !bpf_program__attach_cgroup(program, fd))
		fail(cgroup);
	close(fd);
	puts("ok");
}

static void stats(void)
{
	struct bpf_prog_info info = {};
	__u32 bytes = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &bytes))
		fail("BPF_OBJ_GET_INFO_BY_FD");
	printf("%llu %llu\n", (unsigned long long)info.run_cnt, (unsigned long long)info.run_time_ns);
}

static void drain(void)
{
	memset(by_op, 0, sizeof(by_op));
	if (ring_buffer__consume(consumer) < 0)
		fail("ring_buffer__consume");
	for (int op = 0; op < OPS; op++)
		printf(op ? " %llu" : "%llu", (unsigned long long)by_op[op]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	char line[4096];
	char path[4000];

	if (argc != 2)
		fail("usage: program-cost SMALLEST_OBJECT");
	load(argv[1]);
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "attach %3999[^\n]", path) == 1)
			attach(path);
		else if (!strcmp(line, "stats\n"))
			stats();
		else if (!strcmp(line, "drain\n"))
			drain();
		else
			fail(line);
		fflush(stdout);
	}
	return 0;
}
