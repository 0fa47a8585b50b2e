/*
 * TCP traffic on loopback from one process, in a cgroup, counted by itself.
 *
 *   traffic CGROUP
 *
 * It answers each line of its input with one JSON text: `churn CONNECTIONS THREADS` (one byte there and back on each), `pingpong CONNECTIONS ROUND_TRIPS`,
 * `start PAUSE_US` and `stop` (both at once until stopped), `open CONNECTIONS`, `ping`, `close` (connections that stay), `syn` (a SYN that nobody answers).
 * Ends with its input. The other ends of all connections are in this process too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_KEPT 1024
#define MAX_THREADS 16
/* So that ports of connections in TIME_WAIT do not run out: 127.0.0.1 and up. */
#define ADDRESSES 200

static uint16_t port;
static int kept[MAX_KEPT];
static int kept_count;
static atomic_bool is_stopping;
static unsigned int pause_us;
static atomic_ulong connections;
static atomic_ulong round_trips;
static atomic_ulong served;

static void fail(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_in address_of(unsigned long turn)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + turn % ADDRESSES);
	return address;
}

static int connect_one(unsigned long turn)
{
	struct sockaddr_in address = address_of(turn);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		fail("connect");
	atomic_fetch_add(&connections, 1);
	return fd;
}

static void exchange(int fd)
{
	char byte = 'x';

	if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1)
		fail("exchange");
	atomic_fetch_add(&round_trips, 1);
	if (pause_us > 0)
		usleep(pause_us);
}

/* Waits for the other end's FIN, so that both ends are closed when it returns. */
static void close_one(int fd)
{
	char byte;

	shutdown(fd, SHUT_WR);
	if (read(fd, &byte, 1) != 0)
		fail("end");
	close(fd);
}

static int listen_on_any(int backlog, uint16_t *chosen)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = INADDR_ANY };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, backlog) || getsockname(fd, (struct sockaddr *)&address, &length))
		fail("listen");
	*chosen = ntohs(address.sin_port);
	return fd;
}

static void *serve(void *argument)
{
	int listener = (int)(intptr_t)argument;
	int poll_fd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };
	struct epoll_event events[64];
	char bytes[64];

	epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		int count = epoll_wait(poll_fd, events, 64, -1);

		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;

			if (fd == listener) {
				event.data.fd = accept(listener, NULL, NULL);
				if (event.data.fd < 0)
					fail("accept");
				epoll_ctl(poll_fd, EPOLL_CTL_ADD, event.data.fd, &event);
				continue;
			}
			ssize_t got = read(fd, bytes, sizeof(bytes));
			if (got > 0 && write(fd, bytes, got) == got)
				continue;
			close(fd);
			atomic_fetch_add(&served, 1);
		}
	}
	return NULL;
}

struct share {
	unsigned long connections;
	unsigned long round_trips;
	pthread_t thread;
};

static struct share shares[MAX_THREADS];

static void *run_share(void *argument)
{
	struct share *share = argument;

	for (unsigned long i = 0; i < share->connections && !atomic_load(&is_stopping); i++) {
		int fd = connect_one(i);

		for (unsigned long trip = 0; trip < share->round_trips && !atomic_load(&is_stopping); trip++)
			exchange(fd);
		close_one(fd);
	}
	return NULL;
}

static void start_share(int index, unsigned long count, unsigned long trips)
{
	shares[index] = (struct share){ .connections = count, .round_trips = trips };
	if (pthread_create(&shares[index].thread, NULL, run_share, &shares[index]))
		fail("thread");
}

static void wait_for(int threads)
{
	for (int i = 0; i < threads; i++)
		pthread_join(shares[i].thread, NULL);
	/* The other end counts a connection after its last callback but for the final ACK, which loopback delivers within close(). */
	while (atomic_load(&served) + kept_count < atomic_load(&connections))
		usleep(1000);
}

static void print_totals(void)
{
	printf("{\"port\":%u,\"connections\":%lu,\"roundTrips\":%lu}\n", port,
	       atomic_load(&connections), atomic_load(&round_trips));
}

/* A listener whose queue is full drops SYNs. Small segments, so that a window of few of them is small. */
static void print_syn(void)
{
	uint16_t usual = port;
	int listener = listen_on_any(0, &port);
	struct sockaddr_in address = address_of(0);
	int fds[3];
	int segment_bytes = 1000;
	struct tcp_info info;
	socklen_t length = sizeof(info);

	fds[0] = connect_one(0);
	for (int i = 1; i < 3; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		setsockopt(fds[i], IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof(segment_bytes));
		if (!connect(fds[i], (struct sockaddr *)&address, sizeof(address)) || errno != EINPROGRESS)
			fail("the queue is not full");
	}
	if (getsockopt(fds[2], IPPROTO_TCP, TCP_INFO, &info, &length))
		fail("info");
	printf("{\"state\":%u,\"rtoUs\":%u,\"windowBytes\":%u}\n", info.tcpi_state, info.tcpi_rto,
	       info.tcpi_rcv_ssthresh);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	close(listener);
	atomic_fetch_add(&served, 1);
	port = usual;
}

static void answer(const char *line)
{
	unsigned long count = 0;
	unsigned long more = 0;

	if (sscanf(line, "churn %lu %lu", &count, &more) == 2 && more <= MAX_THREADS) {
		for (unsigned long i = 0; i < more; i++)
			start_share(i, count / more, 1);
		wait_for(more);
		print_totals();
	} else if (sscanf(line, "pingpong %lu %lu", &count, &more) == 2 && count <= MAX_THREADS) {
		for (unsigned long i = 0; i < count; i++)
			start_share(i, 1, more);
		wait_for(count);
		print_totals();
	} else if (sscanf(line, "start %lu", &count) == 1) {
		atomic_store(&is_stopping, false);
		pause_us = count;
		start_share(0, ~0UL, 1);
		start_share(1, 1, ~0UL);
		print_totals();
	} else if (!strcmp(line, "stop")) {
		atomic_store(&is_stopping, true);
		wait_for(2);
		atomic_store(&is_stopping, false);
		pause_us = 0;
		print_totals();
	} else if (sscanf(line, "open %lu", &count) == 1 && kept_count + count <= MAX_KEPT) {
		for (unsigned long i = 0; i < count; i++)
			kept[kept_count++] = connect_one(i);
		print_totals();
	} else if (!strcmp(line, "ping")) {
		for (int i = 0; i < kept_count; i++)
			exchange(kept[i]);
		print_totals();
	} else if (!strcmp(line, "close")) {
		while (kept_count > 0)
			close_one(kept[--kept_count]);
		wait_for(0);
		print_totals();
	} else if (!strcmp(line, "syn")) {
		print_syn();
	} else {
		fail(line);
	}
	fflush(stdout);
}

static void join_cgroup(const char *cgroup)
{
	char path[4096];
	char pid[16];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	snprintf(pid, sizeof(pid), "%d", getpid());
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, pid, strlen(pid)) < 0)
		fail(path);
	close(fd);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	char line[128];

	if (argc != 2)
		return 2;
	join_cgroup(argv[1]);
	if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)listen_on_any(4096, &port)))
		fail("thread");
	print_totals();
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		answer(line);
	}
	return 0;
}
