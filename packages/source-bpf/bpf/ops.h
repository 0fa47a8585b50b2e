/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sets of ops as bit masks. */
#ifndef SOCKFLOW_OPS_H
#define SOCKFLOW_OPS_H

#define OP_BIT(op) (1ULL << (op))

/* Questions that the kernel asks: they tell little, but for request sockets, where they are all there is of a handshake. */
#define QUERY_OPS (OP_BIT(SOCKFLOW_OP_TIMEOUT_INIT) | OP_BIT(SOCKFLOW_OP_RWND_INIT) | OP_BIT(SOCKFLOW_OP_NEEDS_ECN))

#define TSTAMP_OPS                                                                                                              \
	(OP_BIT(SOCKFLOW_OP_TSTAMP_SCHED_CB) | OP_BIT(SOCKFLOW_OP_TSTAMP_SND_SW_CB) | OP_BIT(SOCKFLOW_OP_TSTAMP_SND_HW_CB) | \
	 OP_BIT(SOCKFLOW_OP_TSTAMP_ACK_CB) | OP_BIT(SOCKFLOW_OP_TSTAMP_SENDMSG_CB))

/* Where skb_data holds a TCP header. */
#define HEADER_OPS                                                                                              \
	(OP_BIT(SOCKFLOW_OP_ACTIVE_ESTABLISHED_CB) | OP_BIT(SOCKFLOW_OP_PASSIVE_ESTABLISHED_CB) |                \
	 OP_BIT(SOCKFLOW_OP_PARSE_HDR_OPT_CB) | OP_BIT(SOCKFLOW_OP_WRITE_HDR_OPT_CB))

#define FIRST_CLASS_OPS                                                                                             \
	(OP_BIT(SOCKFLOW_OP_BASE_RTT) | OP_BIT(SOCKFLOW_OP_RTT_CB) | OP_BIT(SOCKFLOW_OP_PARSE_HDR_OPT_CB) |          \
	 OP_BIT(SOCKFLOW_OP_HDR_OPT_LEN_CB) | OP_BIT(SOCKFLOW_OP_WRITE_HDR_OPT_CB) | TSTAMP_OPS)

#define LAST_KNOWN_OP SOCKFLOW_OP_TSTAMP_SENDMSG_CB
/* What the slot's byte holds. */
#define LARGEST_OP 255

/* Its bit in a set; 0 where it is not known, and so in none. */
static __always_inline __u64 op_bit(__u32 op)
{
	return op <= LAST_KNOWN_OP ? OP_BIT(op) : 0;
}

/* Its bit in a mask of the configuration; ops above 62 share one. */
static __always_inline __u64 mask_bit(__u32 op)
{
	return 1ULL << (op < SOCKFLOW_OP_UNKNOWN_BIT ? op : SOCKFLOW_OP_UNKNOWN_BIT);
}

static __always_inline __u32 class_of(__u64 bit, bool is_full)
{
	if (!bit || (bit & FIRST_CLASS_OPS))
		return SOCKFLOW_CLASS_FIRST;
	return is_full && (bit & QUERY_OPS) ? SOCKFLOW_CLASS_FIRST : SOCKFLOW_CLASS_LAST;
}

#endif
