/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The TCP header of the segment, captured behind the 256 bytes: tag u16, length u16, up to 60 bytes, and zeros to the end of the slot, where tag 0 ends the sections. */
#ifndef SOCKFLOW_TCP_HEADER_H
#define SOCKFLOW_TCP_HEADER_H

#define TCP_HEADER_MIN 20

static __always_inline bool has_tcp_header(struct bpf_sock_ops *context)
{
	void *data = (void *)(long)context->skb_data;

	return data + TCP_HEADER_MIN <= (void *)(long)context->skb_data_end;
}

/* The kernel ends the data where the header ends: word by word up to there, without the header's own length, which op 15 may find unset. */
static __always_inline void capture_header(struct bpf_sock_ops *context, struct sockflow_event *slot)
{
	struct sockflow_section *section = (void *)slot + SOCKFLOW_SLOT_BYTES;
	__u32 *target = (__u32 *)section->bytes;
	__u32 *words = (void *)(long)context->skb_data;
	void *end = (void *)(long)context->skb_data_end;
	__u32 length = 0;

#pragma unroll
	for (int index = 0; index < SOCKFLOW_TCP_HEADER_MAX / 4; index++) {
		__u32 word = 0;

		if ((void *)(words + index + 1) <= end) {
			word = words[index];
			length = (index + 1) * 4;
		}
		target[index] = word;
	}
	section->tag = SOCKFLOW_SECTION_TCP_HEADER;
	section->length = length;
}

#endif
