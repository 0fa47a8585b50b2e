/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rule of which fields mean something. Of an op that is known most of its branches fall away, so the frequent ones have it inline, a case each: a call and the
 * whole rule take a twentieth of a run. The others go through a global function, which the verifier checks once for all arguments. The whole rule inline, each of its
 * branches would be followed in combination with all that lies before it: 160,000 instructions instead of a tenth, and more than the limit of a million without
 * CAP_PERFMON. Such a function has five arguments at most, so they come packed: `bits` is the slot's own byte, `facts` has FACT_*.
 */
#ifndef SOCKFLOW_PRESENCE_H
#define SOCKFLOW_PRESENCE_H

#define FACT_HAS_OWNER (1U << 8)
#define FACT_HAS_HWTSTAMP (1U << 9)
#define FACT_HAS_HEADER (1U << 10)

#define FAMILY_OF(bits) ((bits) >> SOCKFLOW_FAMILY_SHIFT & SOCKFLOW_FAMILY_MASK)
#define IS_FULLSOCK_OF(bits) ((bits) >> SOCKFLOW_IS_FULLSOCK_SHIFT & SOCKFLOW_IS_FULLSOCK_MASK)
#define ROLE_OF(bits) ((bits) >> SOCKFLOW_OWNER_ROLE_SHIFT & SOCKFLOW_OWNER_ROLE_MASK)
#define HAS_SKB_OF(bits) ((bits) >> SOCKFLOW_HAS_SKB_SHIFT & SOCKFLOW_HAS_SKB_MASK)

static __always_inline __u64 presence_of(__u32 op, __u32 bits, __u32 facts, __u32 arg0, __u32 arg1)
{
	return sockflow_presence(SOCKFLOW_KIND_OP, op, FAMILY_OF(bits), IS_FULLSOCK_OF(bits), ROLE_OF(bits), facts & FACT_HAS_OWNER, HAS_SKB_OF(bits), arg0, arg1,
				 (facts & FACT_HAS_HWTSTAMP) != 0, facts & FACT_HAS_HEADER, config.captured);
}

__noinline __u64 rare_presence(__u32 op, __u32 bits, __u32 facts, __u32 arg0, __u32 arg1)
{
	return presence_of(op, bits, facts, arg0, arg1);
}

#define PRESENCE_OF(op) \
	case op:        \
		return presence_of(op, bits, facts, arg0, arg1);

static __always_inline __u64 event_presence(__u32 op, __u32 bits, __u32 facts, __u32 arg0, __u32 arg1)
{
	switch (op) {
		PRESENCE_OF(SOCKFLOW_OP_TIMEOUT_INIT)
		PRESENCE_OF(SOCKFLOW_OP_RWND_INIT)
		PRESENCE_OF(SOCKFLOW_OP_TCP_CONNECT_CB)
		PRESENCE_OF(SOCKFLOW_OP_ACTIVE_ESTABLISHED_CB)
		PRESENCE_OF(SOCKFLOW_OP_PASSIVE_ESTABLISHED_CB)
		PRESENCE_OF(SOCKFLOW_OP_NEEDS_ECN)
		PRESENCE_OF(SOCKFLOW_OP_BASE_RTT)
		PRESENCE_OF(SOCKFLOW_OP_RTO_CB)
		PRESENCE_OF(SOCKFLOW_OP_RETRANS_CB)
		PRESENCE_OF(SOCKFLOW_OP_STATE_CB)
		PRESENCE_OF(SOCKFLOW_OP_TCP_LISTEN_CB)
		PRESENCE_OF(SOCKFLOW_OP_RTT_CB)
	default:
		return rare_presence(op, bits, facts, arg0, arg1);
	}
}

__noinline __u64 summary_presence(__u32 bits, __u32 facts)
{
	return sockflow_presence(SOCKFLOW_KIND_RTT_SUMMARY, SOCKFLOW_OP_VOID, FAMILY_OF(bits), 1, ROLE_OF(bits), facts & FACT_HAS_OWNER, 0, 0, 0, 0, 0,
				 config.captured);
}

#endif
