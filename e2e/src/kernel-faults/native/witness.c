/*
 * Loads witness.bpf.o and attaches what it is told to by link, so that nothing of it outlives this process.
 *
 *   witness OBJECT CGROUP ASKED_FLAGS SYN_TIMEOUT_JIFFIES WINDOW_PACKETS PROGRAM...
 *
 * Then one JSON text a line: `{"ready":true}`, and an answer to each line of its input: `counts`, `flags`, `attach PROGRAM`, `detach PROGRAM`, `hold PROGRAM` (attached so
 * that no other may be beside it, until the cgroup is removed). Ends with its input.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPS 64
#define MAX_LINKS 8

struct socket_row {
	uint16_t local_port;
	uint16_t remote_port;
	uint8_t state;
	uint8_t cb_flags;
	uint16_t reserved;
};

static struct bpf_object *object;
static int cgroup_fd;
static struct {
	char name[32];
	struct bpf_link *link;
} links[MAX_LINKS];

static void fail(const char *what)
{
	fprintf(stderr, "witness: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void attach(const char *name)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	if (!program)
		fail(name);
	for (int i = 0; i < MAX_LINKS; i++) {
		if (links[i].link)
			continue;
		links[i].link = bpf_program__attach_cgroup(program, cgroup_fd);
		if (!links[i].link)
			fail("attach");
		snprintf(links[i].name, sizeof(links[i].name), "%s", name);
		return;
	}
	fail("links");
}

static void detach(const char *name)
{
	for (int i = 0; i < MAX_LINKS; i++) {
		if (!links[i].link || strcmp(links[i].name, name))
			continue;
		bpf_link__destroy(links[i].link);
		links[i].link = NULL;
	}
}

/* Without BPF_F_ALLOW_MULTI, and not by link: the oldest way to attach. */
static void hold(const char *name)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	if (!program || bpf_prog_attach(bpf_program__fd(program), cgroup_fd, BPF_CGROUP_SOCK_OPS, 0))
		fail(name);
}

static void print_counts(void)
{
	uint64_t counts[2][OPS];
	uint32_t key = 0;
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".bss");

	if (!map || bpf_map_lookup_elem(bpf_map__fd(map), &key, counts))
		fail("counts");
	printf("{");
	for (int is_full = 0; is_full < 2; is_full++) {
		printf("%s\"%s\":[", is_full ? "," : "", is_full ? "full" : "request");
		for (int op = 0; op < OPS; op++)
			printf("%s%llu", op ? "," : "", (unsigned long long)counts[is_full][op]);
		printf("]");
	}
	printf("}\n");
}

static void print_flags(void)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, "flags");
	struct bpf_link *link = program ? bpf_program__attach_iter(program, NULL) : NULL;
	int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
	struct socket_row rows[512];
	ssize_t got;
	int printed = 0;

	if (fd < 0)
		fail("iterator");
	printf("[");
	while ((got = read(fd, rows, sizeof(rows))) > 0)
		for (size_t i = 0; i < got / sizeof(rows[0]); i++)
			printf("%s{\"localPort\":%u,\"remotePort\":%u,\"state\":%u,\"cbFlags\":%u}",
			       printed++ ? "," : "", rows[i].local_port, rows[i].remote_port,
			       rows[i].state, rows[i].cb_flags);
	if (got < 0)
		fail("read");
	printf("]\n");
	close(fd);
	bpf_link__destroy(link);
}

static void set_settings(char **argv)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata");
	uint32_t settings[3] = { atoi(argv[3]), atoi(argv[4]), atoi(argv[5]) };

	if (!map || bpf_map__set_initial_value(map, settings, sizeof(settings)))
		fail("settings");
}

int main(int argc, char **argv)
{
	char line[64];

	if (argc < 6)
		return 2;
	object = bpf_object__open_file(argv[1], NULL);
	if (!object)
		fail(argv[1]);
	set_settings(argv);
	if (bpf_object__load(object))
		fail("load");
	cgroup_fd = open(argv[2], O_RDONLY | O_DIRECTORY);
	if (cgroup_fd < 0)
		fail(argv[2]);
	for (int i = 6; i < argc; i++)
		attach(argv[i]);
	printf("{\"ready\":true}\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		if (!strcmp(line, "counts")) {
			print_counts();
		} else if (!strcmp(line, "flags")) {
			print_flags();
		} else if (!strncmp(line, "attach ", 7)) {
			attach(line + 7);
			printf("{}\n");
		} else if (!strncmp(line, "detach ", 7)) {
			detach(line + 7);
			printf("{}\n");
		} else if (!strncmp(line, "hold ", 5)) {
			hold(line + 5);
			printf("{}\n");
		} else {
			fail(line);
		}
		fflush(stdout);
	}
	return 0;
}
