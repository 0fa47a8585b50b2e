/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SOCKFLOW_TEST_RING_PRODUCER_H
#define SOCKFLOW_TEST_RING_PRODUCER_H

#include <linux/types.h>

/* What the test asks for, and how it went. */
struct produce_request {
	__u64 next_sequence;   /* of the first slot; afterwards, of the one that would follow */
	__u64 submitted;
	__u64 discarded;
	__u32 count;           /* slots, at most */
	__u32 long_every;      /* multiples of it are long slots; 0 none */
	__u32 discard_every;   /* multiples of it are discarded; 0 none */
	__u32 wakes;           /* whether each submit wakes who waits for the ring */
};

#endif
