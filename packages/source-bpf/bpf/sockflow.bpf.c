/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel programs of Sockflow. README.md of this folder tells the way of an event through them, and which file does what.
 *
 * They observe: the return value is 1, `reply` is never written, no header option is reserved or written, callback flags are added only (B6).
 */
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

#include "sockflow_event.h"
#include "sockflow_source.h"
#include "kernel_types.h"
#include "maps.h"
#include "ops.h"
#include "lane.h"
#include "gap.h"
#include "shed.h"
#include "ring.h"
#include "owner.h"
#include "run.h"
#include "flags.h"
#include "bookkeeping.h"
#include "filter.h"
#include "tcp_header.h"
#include "presence.h"
#include "fill.h"
#include "summary.h"
#include "fold.h"
#include "tstamp.h"
#include "observe.h"
#include "kernel_socket.h"
#include "take_in.h"
#include "release.h"
#include "flush.h"

SEC("sockops")
int sockflow_events(struct bpf_sock_ops *context)
{
	observe(context, false);
	return 1;
}

/* Instead of sockflow_events, where ops 16-20 exist. */
SEC("sockops")
int sockflow_events_tstamp(struct bpf_sock_ops *context)
{
	observe(context, true);
	return 1;
}

SEC("iter/tcp")
int sockflow_take_in(struct tcp_iterator_context *context)
{
	struct sock_common *common = context->sk_common;
	struct tcp_sock *tcp = common ? bpf_skc_to_tcp_sock(common) : NULL;

	if (tcp)
		take_in(tcp);
	return 0;
}

SEC("iter/tcp")
int sockflow_release(struct tcp_iterator_context *context)
{
	struct sock_common *common = context->sk_common;
	struct tcp_sock *tcp = common ? bpf_skc_to_tcp_sock(common) : NULL;

	if (tcp)
		release_flags(tcp);
	return 0;
}

SEC("iter/bpf_sk_storage_map")
int sockflow_flush(struct storage_iterator_context *context)
{
	struct sock *socket = context->sk;
	struct sockflow_socket *kept = context->value;

	if (socket && kept)
		flush(socket, kept);
	return 0;
}

char sockflow_license[] SEC("license") = "Dual BSD/GPL";
