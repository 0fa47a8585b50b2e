/* SPDX-License-Identifier: Apache-2.0 */
/* What ring-peer.c asks of other processes: their CPUs and their maps. Include after _GNU_SOURCE. */
#ifndef RING_PEER_PROCESS_H
#define RING_PEER_PROCESS_H

#include <linux/types.h>

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "ring-peer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static cpu_set_t only(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return set;
}

/* All threads that a process has: those that it makes later take after them. */
static void bind_process(const char *pid, const cpu_set_t *set)
{
	char path[300];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	folder = opendir(path);
	if (!folder)
		fail(path);
	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.' && sched_setaffinity(atoi(entry->d_name), sizeof(*set), set) && errno != ESRCH)
			fail("sched_setaffinity");
	closedir(folder);
}

/* Id of the map behind a descriptor of the process, 0 where there is none. */
static unsigned int map_id(const char *pid, const char *descriptor)
{
	char path[300];
	char line[256];
	unsigned int id = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid, descriptor);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "map_id: %u", &id);
	if (file)
		fclose(file);
	return id;
}

/* A descriptor of our own, where the map is of that type and, where given, name; else -1. */
static int open_map(unsigned int id, enum bpf_map_type type, const char *name)
{
	struct bpf_map_info info = {};
	__u32 bytes = sizeof(info);
	int fd = bpf_map_get_fd_by_id(id);

	if (fd < 0)
		return -1;
	if (!bpf_obj_get_info_by_fd(fd, &info, &bytes) && info.type == type && (!name || !strcmp(info.name, name)))
		return fd;
	close(fd);
	return -1;
}

/* The newest such map that the process holds: ids only grow. */
static int map_of_process(const char *pid, enum bpf_map_type type, const char *name)
{
	unsigned int newest_id = 0;
	char path[300];
	DIR *folder;
	struct dirent *entry;
	int newest = -1;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo", pid);
	folder = opendir(path);
	if (!folder)
		fail(path);
	while ((entry = readdir(folder))) {
		unsigned int id = map_id(pid, entry->d_name);
		int fd = id > newest_id ? open_map(id, type, name) : -1;

		if (fd < 0)
			continue;
		if (newest >= 0)
			close(newest);
		newest = fd;
		newest_id = id;
	}
	closedir(folder);
	return newest;
}

#endif
