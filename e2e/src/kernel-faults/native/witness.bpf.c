/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Programs of somebody else on the same cgroup, for the tests of faults: they share nothing with Sockflow's.
 *
 *   count      counts every callback by op and is_fullsock; asks for nothing
 *   ask        adds cb flags of its own by OR, as a well-mannered neighbour does
 *   overwrite  sets STATE and RETRANS alone on establishment, as bpftune does: whatever was there is gone
 *   answer     answers TIMEOUT_INIT and RWND_INIT, as a tuner does
 *   flags      (iterator) writes local port, remote port, state and cb flags of the TCP sockets of the reader's network namespace
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define OPS 64
#define STATE_AND_RETRANS (BPF_SOCK_OPS_STATE_CB_FLAG | BPF_SOCK_OPS_RETRANS_CB_FLAG)

/* witness.c has the same. */
const volatile struct {
	__u32 asked_flags;
	__u32 syn_timeout_jiffies;
	__u32 window_packets;
} settings;

/* By is_fullsock and op. */
__u64 counts[2][OPS];

SEC("sockops")
int count(struct bpf_sock_ops *ctx)
{
	__u32 op = ctx->op;
	__u32 is_full = ctx->is_fullsock ? 1 : 0;

	if (op < OPS)
		__sync_fetch_and_add(&counts[is_full][op], 1);
	return 1;
}

SEC("sockops")
int ask(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_TCP_CONNECT_CB || ctx->op == BPF_SOCK_OPS_TCP_LISTEN_CB ||
	    ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags | settings.asked_flags);
	return 1;
}

SEC("sockops")
int overwrite(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB ||
	    ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_sock_ops_cb_flags_set(ctx, STATE_AND_RETRANS);
	return 1;
}

SEC("sockops")
int answer(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_TIMEOUT_INIT)
		ctx->reply = settings.syn_timeout_jiffies;
	if (ctx->op == BPF_SOCK_OPS_RWND_INIT)
		ctx->reply = settings.window_packets;
	return 1;
}

struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));
struct sock_common {
	__u16 skc_num;
	__u16 skc_dport;
	volatile unsigned char skc_state;
} __attribute__((preserve_access_index));
struct tcp_sock {
	__u8 bpf_sock_ops_cb_flags;
} __attribute__((preserve_access_index));
struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
} __attribute__((preserve_access_index));

struct socket_row {
	__u16 local_port;
	__u16 remote_port;
	__u8 state;
	__u8 cb_flags;
	__u16 reserved;
};

SEC("iter/tcp")
int flags(struct bpf_iter__tcp *ctx)
{
	struct sock_common *common = ctx->sk_common;
	struct socket_row row = {};
	struct tcp_sock *tcp;

	if (!common)
		return 0;
	tcp = bpf_skc_to_tcp_sock(common);
	if (!tcp)
		return 0;
	row.local_port = common->skc_num;
	row.remote_port = bpf_ntohs(common->skc_dport);
	row.state = common->skc_state;
	row.cb_flags = tcp->bpf_sock_ops_cb_flags;
	bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
	return 0;
}

char _license[] SEC("license") = "GPL";
