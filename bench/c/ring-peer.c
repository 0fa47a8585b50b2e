/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other end of the kernel benchmarks: the producer (fill.bpf.c) for both sides, and libbpf's consumer with the same filter for one.
 *
 *   ring-peer FILL_OBJECT RING_BYTES   a ring of its own, with libbpf's consumer
 *   ring-peer FILL_OBJECT lane PID     the newest ring of a process of ours, which is woken by its newest lane words
 *   ring-peer FILL_OBJECT plain PID    the newest ring of any other process, which is woken as the kernel does
 *
 * Reads one command a line on standard input and answers with one line:
 *
 *   pin PID CPU                        -> "ok"                           binds all threads of a process ("self": this one)
 *   unpin PID                          -> "ok"                           gives it the CPUs that this process was started with
 *   fill N CPU                         -> "NS FILLED REFUSED"            fills N slots in a thread on CPU, wakes nobody
 *   consume OPS ANY                    -> "NS COUNT SURVIVORS"           ring_buffer__consume until empty
 *   produce N CPU PER_SEC              -> "NS FILLED REFUSED"            N attempts in a thread on CPU, at most PER_SEC of them (0: at full speed); wakes by the lane's word, where the process has none as the kernel does
 *   schedule N CPU INTERVAL_NS         -> "NS FILLED REFUSED"            N slots in a thread on CPU, one each INTERVAL_NS; each carries the time when it was to come, and is tried again until it fits;
 *                                                                        REFUSED attempts that did not; NS until the last was in
 *   live N CPU OPS ANY                 -> "NS FILLED REFUSED COUNT SURVIVORS"   the same at full speed with the kernel's own wake-ups, consumed here by ring_buffer__poll on the other CPU;
 *                                                                        NS until the last poll that found something was done
 *
 * A command's time is that of its loop alone.
 */
#define _GNU_SOURCE
#include <linux/types.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fill.h"
#include "ring-peer-process.h"
#include "sockflow_event.h"

#define CHUNK 4096U
#define POLL_MS 100

static cpu_set_t all_cpus;
static int fill_fd;
static uint32_t produce_wake = FILL_WAKE_LANE_WORD;
static struct ring_buffer *consumer;
static uint32_t next_slot;

struct wanted {
	uint32_t ops;
	uint32_t any;
	uint64_t count;
	uint64_t survivors;
};
static struct wanted wanted;

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec at;

	clock_gettime(clock, &at);
	return (uint64_t)at.tv_sec * 1000000000ULL + (uint64_t)at.tv_nsec;
}

static uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* The calling thread. */
static void pin(unsigned int cpu)
{
	cpu_set_t set = only(cpu);

	if (sched_setaffinity(0, sizeof(set), &set))
		fail("sched_setaffinity");
}

static void reuse(struct bpf_object *object, const char *map, int fd)
{
	if (fd < 0 || bpf_map__reuse_fd(bpf_object__find_map_by_name(object, map), fd))
		fail(map);
}

static int on_record(void *context, void *data, size_t bytes)
{
	const struct sockflow_event *event = (const void *)((const char *)data - SOCKFLOW_RING_HEADER_BYTES);
	struct wanted *want = context;

	(void)bytes;
	want->count++;
	if (event->kind == SOCKFLOW_KIND_OP && event->op < 32 && (want->ops >> event->op & 1) && (event->presence & SOCKFLOW_HAS_BPF_SOCK_OPS_CB_FLAGS) &&
	    (event->bpf_sock_ops_cb_flags & want->any))
		want->survivors++;
	return 0;
}

static struct bpf_object *open_object(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);

	if (!object)
		fail(path);
	return object;
}

static void load(struct bpf_object *object)
{
	if (bpf_object__load(object))
		fail("load");
	fill_fd = bpf_program__fd(bpf_object__find_program_by_name(object, "fill"));
}

static void own_ring(struct bpf_object *object, uint32_t ring_bytes)
{
	struct bpf_map *ring = bpf_object__find_map_by_name(object, "ring");

	if (bpf_map__set_max_entries(ring, ring_bytes))
		fail("max_entries");
	load(object);
	consumer = ring_buffer__new(bpf_map__fd(ring), on_record, &wanted, NULL);
	if (!consumer)
		fail("ring_buffer__new");
}

static void ring_of(struct bpf_object *object, const char *wake, const char *pid)
{
	reuse(object, "ring", map_of_process(pid, BPF_MAP_TYPE_RINGBUF, NULL));
	if (!strcmp(wake, "lane"))
		reuse(object, "lane_words", map_of_process(pid, BPF_MAP_TYPE_ARRAY, "lane_words"));
	else
		produce_wake = FILL_WAKE_ADAPTIVE;
	load(object);
}

static struct fill_job run_fill(uint32_t attempts, uint32_t wake)
{
	struct fill_job job = { .attempts = attempts, .wake = wake, .first = next_slot };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &job, .ctx_size_in = sizeof(job));

	if (bpf_prog_test_run_opts(fill_fd, &options))
		fail("BPF_PROG_TEST_RUN");
	next_slot += job.filled;
	return job;
}

struct produced {
	uint64_t attempts;
	uint64_t per_sec;
	uint32_t interval_ns;
	uint32_t wake;
	unsigned int cpu;
	uint64_t ns;
	uint64_t filled;
	uint64_t refused;
	atomic_int is_done;
};

static void add(struct produced *made, uint32_t attempts)
{
	struct fill_job job = run_fill(attempts, made->wake);

	made->filled += job.filled;
	made->refused += job.refused;
}

/* Paced: one slot at its time, by a clock that is watched: a timer would be late by more than what is measured. */
static void *produce(void *argument)
{
	struct produced *made = argument;
	uint64_t start_ns;

	pin(made->cpu);
	start_ns = now_ns();
	for (uint64_t done = 0; done < made->attempts;) {
		uint64_t left = made->attempts - done;
		uint32_t chunk = left < CHUNK ? (uint32_t)left : CHUNK;

		if (made->per_sec) {
			uint64_t due_ns = start_ns + (uint64_t)((double)done * 1e9 / (double)made->per_sec);

			while (now_ns() < due_ns)
				;
			chunk = 1;
		}
		add(made, chunk);
		done += chunk;
	}
	made->ns = now_ns() - start_ns;
	atomic_store(&made->is_done, 1);
	return NULL;
}

/*
 * By a schedule that nothing puts off: what is due is filled at once, at most CHUNK together, with the times at which it was due. Where the ring is full or this thread was late, the slots are late, and
 * their age tells so.
 */
static void *follow_schedule(void *argument)
{
	struct produced *made = argument;
	uint64_t start_ns;

	pin(made->cpu);
	start_ns = clock_ns(CLOCK_BOOTTIME);
	while (made->filled < made->attempts) {
		uint64_t elapsed_ns = clock_ns(CLOCK_BOOTTIME) - start_ns;
		uint64_t due = elapsed_ns / made->interval_ns + 1;
		uint64_t ready = (due < made->attempts ? due : made->attempts) - made->filled;
		struct fill_job job = { .wake = made->wake, .first = next_slot, .interval_ns = made->interval_ns };
		LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &job, .ctx_size_in = sizeof(job));

		if (!ready)
			continue;
		job.attempts = ready < CHUNK ? (uint32_t)ready : CHUNK;
		job.due_ns = start_ns + made->filled * made->interval_ns;
		if (bpf_prog_test_run_opts(fill_fd, &options))
			fail("BPF_PROG_TEST_RUN");
		next_slot += job.filled;
		made->filled += job.filled;
		made->refused += job.refused;
	}
	made->ns = clock_ns(CLOCK_BOOTTIME) - start_ns;
	return NULL;
}

static void run_consume(void)
{
	uint64_t start_ns = now_ns();

	wanted.count = 0;
	wanted.survivors = 0;
	if (ring_buffer__consume(consumer) < 0)
		fail("ring_buffer__consume");
	printf("%llu %llu %llu\n", (unsigned long long)(now_ns() - start_ns), (unsigned long long)wanted.count, (unsigned long long)wanted.survivors);
}

static void run_produce(struct produced *made)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, made->interval_ns ? follow_schedule : produce, made))
		fail("pthread_create");
	pthread_join(thread, NULL);
	printf("%llu %llu %llu\n", (unsigned long long)made->ns, (unsigned long long)made->filled, (unsigned long long)made->refused);
}

static void run_live(struct produced *made)
{
	pthread_t thread;
	uint64_t start_ns;
	uint64_t end_ns;
	int found;

	pin(!made->cpu);
	wanted.count = 0;
	wanted.survivors = 0;
	end_ns = start_ns = now_ns();
	if (pthread_create(&thread, NULL, produce, made))
		fail("pthread_create");
	while (!atomic_load(&made->is_done)) {
		found = ring_buffer__poll(consumer, POLL_MS);
		if (found < 0 && errno != EINTR)
			fail("ring_buffer__poll");
		if (found > 0)
			end_ns = now_ns();
	}
	pthread_join(thread, NULL);
	found = ring_buffer__consume(consumer);
	if (found < 0)
		fail("ring_buffer__consume");
	if (found > 0)
		end_ns = now_ns();
	printf("%llu %llu %llu %llu %llu\n", (unsigned long long)(end_ns - start_ns), (unsigned long long)made->filled, (unsigned long long)made->refused,
	       (unsigned long long)wanted.count, (unsigned long long)wanted.survivors);
}

static void answer(const char *line)
{
	struct produced made = { .wake = produce_wake };
	unsigned long long attempts;
	unsigned long long per_sec;
	unsigned int cpu;
	cpu_set_t set;
	char pid[32];

	if (sscanf(line, "pin %31s %u", pid, &cpu) == 2) {
		set = only(cpu);
		bind_process(pid, &set);
		puts("ok");
	} else if (sscanf(line, "unpin %31s", pid) == 1) {
		bind_process(pid, &all_cpus);
		puts("ok");
	} else if (sscanf(line, "fill %llu %u", &attempts, &cpu) == 2) {
		made.attempts = attempts;
		made.cpu = cpu;
		made.wake = FILL_WAKE_NEVER;
		run_produce(&made);
	} else if (sscanf(line, "consume %u %u", &wanted.ops, &wanted.any) == 2) {
		run_consume();
	} else if (sscanf(line, "produce %llu %u %llu", &attempts, &cpu, &per_sec) == 3) {
		made.attempts = attempts;
		made.cpu = cpu;
		made.per_sec = per_sec;
		run_produce(&made);
	} else if (sscanf(line, "schedule %llu %u %u", &attempts, &cpu, &made.interval_ns) == 3) {
		made.attempts = attempts;
		made.cpu = cpu;
		if (!made.interval_ns)
			fail("schedule");
		run_produce(&made);
	} else if (sscanf(line, "live %llu %u %u %u", &attempts, &cpu, &wanted.ops, &wanted.any) == 4) {
		made.attempts = attempts;
		made.cpu = cpu;
		made.wake = FILL_WAKE_ADAPTIVE;
		run_live(&made);
	} else {
		fail(line);
	}
}

int main(int argc, char **argv)
{
	char line[256];

	if (argc < 3 || argc > 4)
		fail("usage: ring-peer FILL_OBJECT RING_BYTES | FILL_OBJECT lane|plain PID");
	if (sched_getaffinity(0, sizeof(all_cpus), &all_cpus))
		fail("sched_getaffinity");
	if (argc == 4)
		ring_of(open_object(argv[1]), argv[2], argv[3]);
	else
		own_ring(open_object(argv[1]), (uint32_t)atoi(argv[2]));
	while (fgets(line, sizeof(line), stdin)) {
		answer(line);
		fflush(stdout);
	}
	return 0;
}
