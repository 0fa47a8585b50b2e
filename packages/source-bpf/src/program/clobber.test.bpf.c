/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A program beside ours that sets the callback flags it wants and takes off all others, as several do. For tests only. */
#include <linux/types.h>

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("sockops")
int clobber(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB || ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_sock_ops_cb_flags_set(ctx, BPF_SOCK_OPS_STATE_CB_FLAG);
	return 1;
}

char clobber_license[] SEC("license") = "Dual BSD/GPL";
