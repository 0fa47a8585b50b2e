/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rule of which fields mean something, in functions of their own: global ones, which the verifier checks once for all arguments. Inline, each of the rule's
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

__noinline __u64 event_presence(__u32 op, __u32 bits, __u32 facts, __u32 arg0, __u32 arg1)
{
	return sockflow_presence(SOCKFLOW_KIND_OP, op, FAMILY_OF(bits), IS_FULLSOCK_OF(bits), ROLE_OF(bits), facts & FACT_HAS_OWNER, HAS_SKB_OF(bits), arg0, arg1,
				 (facts & FACT_HAS_HWTSTAMP) != 0, facts & FACT_HAS_HEADER, config.captured);
}

__noinline __u64 summary_presence(__u32 bits, __u32 facts)
{
	return sockflow_presence(SOCKFLOW_KIND_RTT_SUMMARY, SOCKFLOW_OP_VOID, FAMILY_OF(bits), 1, ROLE_OF(bits), facts & FACT_HAS_OWNER, 0, 0, 0, 0, 0,
				 config.captured);
}

#endif
