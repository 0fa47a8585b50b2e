/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What fill.bpf.c is asked and answers: the context of one run. Include <linux/types.h> first. */
#ifndef FILL_H
#define FILL_H

/* As the kernel does by default: when the reader had read up to this slot. */
#define FILL_WAKE_ADAPTIVE 0
/* As Sockflow's program does: when the lane has said that it sleeps. */
#define FILL_WAKE_LANE_WORD 1
#define FILL_WAKE_NEVER 2

/* Ops of the slots: a table of 16, walked again and again. */
#define FILL_PATTERN 16

struct fill_job {
	__u32 attempts; /* in */
	__u32 wake;     /* in: FILL_WAKE_* */
	__u32 first;    /* in: number of the first slot, for the pattern */
	__u32 filled;   /* out */
	__u32 refused;  /* out: the ring was full */
	__u32 wakeups;  /* out, of those by the lane's word */
	__u32 interval_ns; /* in: where it is not 0, slots carry the time at which they were to come, and the first that the ring refuses ends the run */
	__u64 due_ns;   /* in: boot time of the first slot */
};

#endif
