# SPDX-License-Identifier: Apache-2.0
"""Events cast to a ctypes structure where they lie."""

from event import (
    HAS_ARGS,
    HAS_BPF_SOCK_OPS_CB_FLAGS,
    HAS_BYTES_ACKED,
    HAS_BYTES_RECEIVED,
    HAS_CGROUP_ID,
    HAS_CPU,
    HAS_DATA_SEGS_IN,
    HAS_DATA_SEGS_OUT,
    HAS_ECN_FLAGS,
    HAS_LOST_OUT,
    HAS_MSS_CACHE,
    HAS_NETNS_COOKIE,
    HAS_OWNER_PID,
    HAS_OWNER_ROLE,
    HAS_PACKETS_OUT,
    HAS_RATE_DELIVERED,
    HAS_RATE_INTERVAL_US,
    HAS_RCV_NXT,
    HAS_RETRANS_OUT,
    HAS_RTT_MIN,
    HAS_SACKED_OUT,
    HAS_SEGS_IN,
    HAS_SEGS_OUT,
    HAS_SKB_LEN,
    HAS_SKB_TCP_FLAGS,
    HAS_SK_ERR,
    HAS_SK_TXHASH,
    HAS_SND_CWND,
    HAS_SND_NXT,
    HAS_SND_SSTHRESH,
    HAS_SND_UNA,
    HAS_SRTT_US,
    HAS_TCP_HEADER,
    HAS_TOTAL_RETRANS,
    Event,
)
from memory import BUSY_OR_DISCARD, KIND_OP, MASK_32, next_slot, section_length


def is_op(event):
    return not event.header_length & BUSY_OR_DISCARD and event.kind == KIND_OP


def passes(event, ops, any_flags):
    op = event.op
    return (
        is_op(event)
        and op < 32
        and ops >> op & 1
        and event.presence & HAS_BPF_SOCK_OPS_CB_FLAGS
        and event.bpf_sock_ops_cb_flags & any_flags
    )


def scan(memory, ops, any_flags):
    selection = []
    at = 0
    end = len(memory)
    while at < end:
        event = Event.from_buffer(memory, at)
        if passes(event, ops, any_flags):
            selection.append(at // 4)
        at = next_slot(at, event.header_length)
    return selection


def five_fields(event):
    if not event.presence & HAS_SRTT_US:
        return 0
    return (event.srtt_us >> 3) + event.snd_cwnd + event.total_retrans + event.bytes_acked + event.local_port


def five(memory):
    count = checksum = at = 0
    end = len(memory)
    while at < end:
        event = Event.from_buffer(memory, at)
        if is_op(event):
            checksum += five_fields(event)
            count += 1
        at = next_slot(at, event.header_length)
    return count, checksum & MASK_32


def every(memory):
    count = checksum = at = 0
    end = len(memory)
    while at < end:
        event = Event.from_buffer(memory, at)
        if is_op(event):
            checksum += every_field(event)
            if event.presence & HAS_TCP_HEADER:
                checksum += section_length(memory, at)
            count += 1
        at = next_slot(at, event.header_length)
    return count, checksum & MASK_32


def every_field(event):
    has = event.presence
    bits = event.bits
    ns = event.ts_boot_ns
    total = event.kind + event.op + event.state + (bits & 15) + (bits >> 4 & 1) + (bits >> 7)
    total += int((ns >> 32) * 4294967.296 + (ns & MASK_32) / 1000) + event.cookie + event.local_port
    total += int.from_bytes(event.remote_port.to_bytes(2, "little"), "big") + event.lane_key
    if has & HAS_OWNER_ROLE:
        total += bits >> 5 & 3
    if has & HAS_ARGS:
        total += sum(event.args)
    if has & HAS_SRTT_US:
        total += event.srtt_us >> 3
    if has & HAS_RTT_MIN and event.rtt_min != 0xFFFFFFFF:
        total += event.rtt_min
    if has & HAS_NETNS_COOKIE:
        total += event.netns_cookie
    if has & HAS_CPU:
        total += event.cpu
    if has & HAS_OWNER_PID:
        total += event.owner_pid
    if has & HAS_CGROUP_ID:
        total += event.cgroup_id
    if has & HAS_SK_ERR:
        total += event.sk_err
    if has & HAS_BPF_SOCK_OPS_CB_FLAGS:
        total += event.bpf_sock_ops_cb_flags
    if has & HAS_SKB_TCP_FLAGS:
        total += event.skb_tcp_flags
    if has & HAS_ECN_FLAGS:
        total += event.ecn_flags
    if has & HAS_BYTES_RECEIVED:
        total += event.bytes_received
    if has & HAS_BYTES_ACKED:
        total += event.bytes_acked
    if has & HAS_SND_CWND:
        total += event.snd_cwnd
    if has & HAS_SND_SSTHRESH:
        total += event.snd_ssthresh
    if has & HAS_RCV_NXT:
        total += event.rcv_nxt
    if has & HAS_SND_NXT:
        total += event.snd_nxt
    if has & HAS_SND_UNA:
        total += event.snd_una
    if has & HAS_MSS_CACHE:
        total += event.mss_cache
    if has & HAS_RATE_DELIVERED:
        total += event.rate_delivered
    if has & HAS_RATE_INTERVAL_US:
        total += event.rate_interval_us
    if has & HAS_PACKETS_OUT:
        total += event.packets_out
    if has & HAS_RETRANS_OUT:
        total += event.retrans_out
    if has & HAS_TOTAL_RETRANS:
        total += event.total_retrans
    if has & HAS_SEGS_IN:
        total += event.segs_in
    if has & HAS_DATA_SEGS_IN:
        total += event.data_segs_in
    if has & HAS_SEGS_OUT:
        total += event.segs_out
    if has & HAS_DATA_SEGS_OUT:
        total += event.data_segs_out
    if has & HAS_LOST_OUT:
        total += event.lost_out
    if has & HAS_SACKED_OUT:
        total += event.sacked_out
    if has & HAS_SK_TXHASH:
        total += event.sk_txhash
    if has & HAS_SKB_LEN:
        total += event.skb_len
    return total
