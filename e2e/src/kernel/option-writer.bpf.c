/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A program of somebody else's on the hook: writes an experimental TCP option, which no kernel knows, into every segment of the sockets of its cgroup.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* RFC 3692: for experiments; then the length of all of it, and an identifier of RFC 6994. */
#define OPTION_KIND 254
#define OPTION_BYTES 4

SEC("sockops")
int option_writer(struct bpf_sock_ops *ctx)
{
	__u8 option[OPTION_BYTES] = { OPTION_KIND, OPTION_BYTES, 0x5f, 0x0f };

	switch (ctx->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
	case BPF_SOCK_OPS_TCP_LISTEN_CB:
		bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG);
		break;
	case BPF_SOCK_OPS_HDR_OPT_LEN_CB:
		bpf_reserve_hdr_opt(ctx, OPTION_BYTES, 0);
		break;
	case BPF_SOCK_OPS_WRITE_HDR_OPT_CB:
		bpf_store_hdr_opt(ctx, option, sizeof(option), 0);
		break;
	}
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
