/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the verifier refuses, with the maps of the real program: for the test of its log in the error. */
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "sockflow_event.h"
#include "sockflow_source.h"
#include "maps.h"

SEC("sockops")
int sockflow_events(struct bpf_sock_ops *context)
{
	__u32 lane = context->op;
	struct sockflow_counters *counter = bpf_map_lookup_elem(&counters, &lane);

	/* Not compared with NULL. */
	counter->summarised++;
	return has_feature(1) ? 1 : bpf_map_lookup_elem(&rings, &lane) != NULL;
}

char refused_license[] SEC("license") = "Dual BSD/GPL";
