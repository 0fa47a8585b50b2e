/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel programs of Sockflow. README.md of this folder tells the way of an event through them, and which file does what.
 *
 * They observe: the return value is 1, `reply` is never written, no header option is reserved or written, callback flags are added only (K6).
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
#include "run.h"
#include "owner.h"
#include "flags.h"
#include "bookkeeping.h"
#include "filter.h"
#include "tcp_header.h"
#include "fill.h"
#include "observe.h"

SEC("sockops")
int sockflow_events(struct bpf_sock_ops *context)
{
	observe(context);
	return 1;
}

char sockflow_license[] SEC("license") = "Dual BSD/GPL";
