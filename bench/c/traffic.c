/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP traffic on the loopback interface, both ends in one thread: what the kernel does for a packet then happens within the call that sends it, no other thread has to be woken, and
 * whatever a callback costs is in the time of the call. So a pass costs least, and the share of what is attached is largest.
 *
 * Reads one command a line on standard input and answers with one line:
 *
 *   cgroup PATH            -> "ok"           moves this process; sockets made from then on are of that cgroup
 *   connections N          -> "NS N BYTES"   N times: connect, accept, 1 KiB there and back, close (the client first)
 *   requests N CONNECTIONS -> "NS N BYTES"   N times over that many connections in turn: 64 bytes there, 64 bytes back; connecting is not timed
 *
 * A command's time is that of its loop alone.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ECHO_BYTES 1024
#define REQUEST_BYTES 64
#define MAX_CONNECTIONS 64

struct pair {
	int client;
	int server;
};

static char buffer[ECHO_BYTES];
static uint64_t moved_bytes;

static void fail(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000000000ULL + (uint64_t)at.tv_nsec;
}

static int listen_on(struct sockaddr_in *address)
{
	socklen_t bytes = sizeof(*address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	*address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (listener < 0 || bind(listener, (struct sockaddr *)address, sizeof(*address)) || listen(listener, 16) ||
	    getsockname(listener, (struct sockaddr *)address, &bytes))
		fail("listen");
	return listener;
}

static struct pair connect_to(int listener, const struct sockaddr_in *address)
{
	struct pair pair = { .client = socket(AF_INET, SOCK_STREAM, 0) };
	int on = 1;

	if (pair.client < 0 || connect(pair.client, (const struct sockaddr *)address, sizeof(*address)))
		fail("connect");
	pair.server = accept(listener, NULL, NULL);
	if (pair.server < 0)
		fail("accept");
	setsockopt(pair.client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(pair.server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return pair;
}

static void move(int from, int to, size_t bytes)
{
	size_t received = 0;

	if (send(from, buffer, bytes, 0) != (ssize_t)bytes)
		fail("send");
	while (received < bytes) {
		ssize_t got = recv(to, buffer, bytes - received, 0);

		if (got <= 0)
			fail("recv");
		received += (size_t)got;
	}
	moved_bytes += received;
}

static void there_and_back(struct pair pair, size_t bytes)
{
	move(pair.client, pair.server, bytes);
	move(pair.server, pair.client, bytes);
}

static void close_pair(struct pair pair)
{
	close(pair.client);
	close(pair.server);
}

static void report(uint64_t start_ns, uint32_t count)
{
	printf("%llu %u %llu\n", (unsigned long long)(now_ns() - start_ns), count, (unsigned long long)moved_bytes);
}

static void connections(uint32_t count)
{
	struct sockaddr_in address;
	int listener = listen_on(&address);
	uint64_t start_ns = now_ns();

	moved_bytes = 0;
	for (uint32_t index = 0; index < count; index++) {
		struct pair pair = connect_to(listener, &address);

		there_and_back(pair, ECHO_BYTES);
		close_pair(pair);
	}
	report(start_ns, count);
	close(listener);
}

static void requests(uint32_t count, uint32_t width)
{
	struct pair pairs[MAX_CONNECTIONS];
	struct sockaddr_in address;
	int listener = listen_on(&address);
	uint64_t start_ns;

	for (uint32_t index = 0; index < width; index++)
		pairs[index] = connect_to(listener, &address);
	moved_bytes = 0;
	start_ns = now_ns();
	for (uint32_t index = 0; index < count; index++)
		there_and_back(pairs[index % width], REQUEST_BYTES);
	report(start_ns, count);
	for (uint32_t index = 0; index < width; index++)
		close_pair(pairs[index]);
	close(listener);
}

static void move_to(const char *cgroup)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		fail(path);
	close(fd);
	puts("ok");
}

int main(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		uint32_t count;
		uint32_t width;
		char path[4000];

		if (sscanf(line, "cgroup %3999[^\n]", path) == 1)
			move_to(path);
		else if (sscanf(line, "connections %u", &count) == 1)
			connections(count);
		else if (sscanf(line, "requests %u %u", &count, &width) == 2 && width > 0 && width <= MAX_CONNECTIONS)
			requests(count, width);
		else
			fail(line);
		fflush(stdout);
	}
	return 0;
}
