/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts a command under the seccomp filter that systemd would make of a unit. policy.h is written by the test, from the unit:
 *
 *   ALLOWED          numbers of system calls of SystemCallFilter=
 *   FAMILIES         of RestrictAddressFamilies=
 *   LOCK_NAMESPACES, LOCK_REALTIME, LOCK_SUID, LOCK_PERSONALITY, LOCK_EXEC   whether what they are called after is restricted
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "policy.h"

#define X32_BIT 0x40000000
#define REFUSE(code) (SECCOMP_RET_ERRNO | (code))
#define NAMESPACES                                                                                        \
	(CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sock_filter program[4096];
static unsigned short length;

static void add(uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	program[length++] = (struct sock_filter){ code, jt, jf, k };
}

static void load(size_t offset)
{
	add(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void load_number(void)
{
	load(offsetof(struct seccomp_data, nr));
}

/* The lower half: x86 is little-endian. */
static void load_argument(int index)
{
	load(offsetof(struct seccomp_data, args) + 8 * (size_t)index);
}

static void end(uint32_t action)
{
	add(BPF_RET | BPF_K, action, 0, 0);
}

/* Refuses a call whose argument has one of these bits, or all of them. */
static void refuse_bits(long number, int index, uint32_t bits, int is_all)
{
	add(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 5);
	load_argument(index);
	add(BPF_ALU | BPF_AND | BPF_K, bits, 0, 0);
	add(BPF_JMP | BPF_JEQ | BPF_K, is_all ? bits : 0, is_all ? 0 : 1, is_all ? 1 : 0);
	end(REFUSE(EPERM));
	load_number();
}

static void refuse(long number, int code)
{
	add(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1);
	end(REFUSE(code));
}

static void restrict_families(void)
{
	add(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 0, (uint8_t)(3 + COUNT(FAMILIES)));
	load_argument(0);
	for (size_t index = 0; index < COUNT(FAMILIES); index++)
		add(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)FAMILIES[index], (uint8_t)(COUNT(FAMILIES) - index), 0);
	end(REFUSE(EAFNOSUPPORT));
	load_number();
}

static void build(void)
{
	load(offsetof(struct seccomp_data, arch));
	add(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
	end(SECCOMP_RET_KILL_PROCESS);
	load_number();
	add(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	end(REFUSE(ENOSYS));
	restrict_families();
	if (LOCK_NAMESPACES) {
		refuse(__NR_unshare, EPERM);
		refuse(__NR_setns, EPERM);
		refuse(__NR_clone3, ENOSYS);
		refuse_bits(__NR_clone, 0, NAMESPACES, 0);
	}
	if (LOCK_REALTIME)
		refuse_bits(__NR_sched_setscheduler, 1, SCHED_FIFO | SCHED_RR, 0);
	if (LOCK_SUID) {
		refuse_bits(__NR_chmod, 1, S_ISUID | S_ISGID, 0);
		refuse_bits(__NR_fchmod, 1, S_ISUID | S_ISGID, 0);
		refuse_bits(__NR_fchmodat, 2, S_ISUID | S_ISGID, 0);
	}
	if (LOCK_PERSONALITY)
		refuse_bits(__NR_personality, 0, 0xffffffff, 0);
	if (LOCK_EXEC) {
		refuse_bits(__NR_mmap, 2, PROT_WRITE | PROT_EXEC, 1);
		refuse_bits(__NR_mprotect, 2, PROT_EXEC, 0);
		refuse_bits(__NR_pkey_mprotect, 2, PROT_EXEC, 0);
	}
	for (size_t index = 0; index < COUNT(ALLOWED); index++) {
		add(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)ALLOWED[index], 0, 1);
		end(SECCOMP_RET_ALLOW);
	}
	end(REFUSE(REFUSED_ERRNO));
}

int main(int count, char **arguments)
{
	struct sock_fprog filter = { .filter = program };

	if (count < 2)
		return 2;
	build();
	filter.len = length;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) {
		perror("seccomp");
		return 1;
	}
	execv(arguments[1], arguments + 1);
	perror(arguments[1]);
	return 1;
}
