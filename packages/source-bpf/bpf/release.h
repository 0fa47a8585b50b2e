/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Letting go of the sockets of a network namespace, after detaching: the flags that were not there before us come off, and no others. Since 6.12. */
#ifndef SOCKFLOW_RELEASE_H
#define SOCKFLOW_RELEASE_H

static __always_inline void release_flags(struct tcp_sock *tcp)
{
	struct sockflow_socket *kept = bpf_sk_storage_get(&sockets, tcp, NULL, 0);
	int sk_flags = 0;
	int flags;

	if (!kept)
		return;
	flags = tcp->bpf_sock_ops_cb_flags & ~kept->added;
	if (flags != tcp->bpf_sock_ops_cb_flags)
		bpf_setsockopt(tcp, SOL_TCP, SET_TCP_CB_FLAGS, &flags, sizeof(flags));
	if (has_feature(SOCKFLOW_CAN_TSTAMP) && (kept->added & SOCKFLOW_ADDED_TSTAMP))
		bpf_setsockopt(tcp, SOL_SOCKET, SET_SK_CB_FLAGS, &sk_flags, sizeof(sk_flags));
	kept->requested = 0;
	kept->added = 0;
}

#endif
