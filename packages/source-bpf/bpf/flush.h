/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* After detaching: a summary of the samples that each socket still holds, so that none goes untold (B7). */
#ifndef SOCKFLOW_FLUSH_H
#define SOCKFLOW_FLUSH_H

static __always_inline void flush(struct sock *socket, struct sockflow_socket *kept)
{
	struct sockflow_rtt_summary *summary;
	struct lane lane;
	struct ring ring;
	__u32 family = socket->__sk_common.skc_family;
	__u64 cookie;
	void *record;

	if (!kept->rtt_count)
		return;
	cookie = bpf_get_socket_cookie(socket);
	if (!find_lane(&lane, sockflow_lane_key(cookie)))
		return;
	record = claim_made(&ring, &lane, SOCKFLOW_KIND_RTT_SUMMARY);
	if (record) {
		summary = SLOT_OF(record);
		summary->ts_boot_ns = bpf_ktime_get_boot_ns();
		fill_samples(summary, kept);
		fill_socket(socket, &lane, cookie, (void *)summary);
		fill_owner(kept, (void *)summary);
		summary->bits = slot_bits(family, true, kept->role, false);
		summary->presence = summary_presence(summary->bits, kept->owner_pid ? FACT_HAS_OWNER : 0);
		publish_summary(&ring, &lane, kept, record);
	}
	forget_samples(kept);
}

#endif
