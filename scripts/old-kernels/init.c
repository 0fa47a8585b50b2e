/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The first process of the virtual machine of run.mjs: mounts what is needed, runs guest.mjs once for each set of capabilities, turns the machine off. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* linux/capability.h; headers may be older. DAC_OVERRIDE: the cgroup's folder is another's. */
#define DAC_OVERRIDE (1ULL << 1)
#define NET_ADMIN (1ULL << 12)
#define PERFMON (1ULL << 38)
#define BPF (1ULL << 39)
#define LAST_CAPABILITY 63

static const struct {
	const char *name;
	unsigned long long kept;
} CAPABILITIES[] = {
	{ "all", ~0ULL },
	{ "three", DAC_OVERRIDE | NET_ADMIN | PERFMON | BPF },
	{ "two", DAC_OVERRIDE | NET_ADMIN | BPF },
};

static void mount_all(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	mkdir("/sys/fs/cgroup", 0755);
	mount("cgroup", "/sys/fs/cgroup", "cgroup2", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mkdir("/tmp", 0777);
}

static void raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(fd, SIOCSIFFLAGS, &request);
	close(fd);
}

static void run(const char *name, unsigned long long kept)
{
	pid_t child = fork();

	if (child != 0) {
		waitpid(child, NULL, 0);
		return;
	}
	for (int capability = 0; capability <= LAST_CAPABILITY; capability++) {
		if (!(kept >> capability & 1))
			prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
	}
	execl("/node", "node", "/guest.mjs", name, NULL);
	perror("/node");
	_exit(1);
}

int main(void)
{
	/* Before 5.11 maps are counted as locked memory. */
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	mount_all();
	raise_loopback();
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	for (unsigned int index = 0; index < sizeof(CAPABILITIES) / sizeof(CAPABILITIES[0]); index++)
		run(CAPABILITIES[index].name, CAPABILITIES[index].kept);
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
