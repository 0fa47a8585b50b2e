/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rule of which fields mean something, as a function of its own: a global one, which the verifier checks once for all arguments. Inline, each of the rule's
 * branches would be followed in combination with each other and with all that lies before it: 160,000 instructions instead of a tenth, and more than the limit of a
 * million without CAP_PERFMON. Its arguments come packed, since such a function has five at most.
 */
#ifndef SOCKFLOW_PRESENCE_H
#define SOCKFLOW_PRESENCE_H

#define FACT_HAS_OWNER (1U << 8)
#define FACT_HAS_HWTSTAMP (1U << 9)
#define FACT_HAS_HEADER (1U << 10)

/* `bits` is the slot's own byte, `facts` has FACT_*. */
__noinline __u64 event_presence(__u32 op, __u32 bits, __u32 facts, __u32 arg0, __u32 arg1)
{
	return sockflow_presence(SOCKFLOW_KIND_OP, op, bits >> SOCKFLOW_FAMILY_SHIFT & SOCKFLOW_FAMILY_MASK,
				 bits >> SOCKFLOW_IS_FULLSOCK_SHIFT & SOCKFLOW_IS_FULLSOCK_MASK,
				 bits >> SOCKFLOW_OWNER_ROLE_SHIFT & SOCKFLOW_OWNER_ROLE_MASK, facts & FACT_HAS_OWNER,
				 bits >> SOCKFLOW_HAS_SKB_SHIFT & SOCKFLOW_HAS_SKB_MASK, arg0, arg1, (facts & FACT_HAS_HWTSTAMP) != 0,
				 facts & FACT_HAS_HEADER, config.captured);
}

#endif
