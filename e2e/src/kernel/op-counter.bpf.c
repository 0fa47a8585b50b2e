/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A witness: counts how often the kernel called the hook, by op, and asks for nothing itself. What is counted here is what the flags of others made happen.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define OPS 64

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, OPS);
	__type(key, __u32);
	__type(value, __u64);
} op_counts SEC(".maps");

SEC("sockops")
int op_counter(struct bpf_sock_ops *ctx)
{
	__u32 op = ctx->op;
	__u64 *count = bpf_map_lookup_elem(&op_counts, &op);

	if (count)
		__sync_fetch_and_add(count, 1);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
