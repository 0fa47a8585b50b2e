# SPDX-License-Identifier: Apache-2.0
"""Events unpacked by the struct module: only what is looked at, by formats that are compiled once.

iter_unpack is not used: a slot with a section is longer than the others.
"""

import struct

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
)
from memory import BUSY_OR_DISCARD, KIND_OP, MASK_32, next_slot, section_length

# header_length, kind, op, bpf_sock_ops_cb_flags, presence
HEAD = struct.Struct("<I4xBBB45xQ")
# header_length, kind, local_port, presence, bytes_acked, snd_cwnd, srtt_us, total_retrans
FIVE = struct.Struct("<I4xB33xH12xQ88xQ8xII40xI")
# Every field but the addresses and the command's name, which have no number.
ALL = struct.Struct("<I4xBBBBHBBQQQHHI8xQ32x4IQIHH16xQQ8x21I4x")


def passes(head, ops, any_flags):
    length, kind, op, flags, presence = head
    return (
        not length & BUSY_OR_DISCARD
        and kind == KIND_OP
        and op < 32
        and ops >> op & 1
        and presence & HAS_BPF_SOCK_OPS_CB_FLAGS
        and flags & any_flags
    )


def scan(memory, ops, any_flags):
    selection = []
    at = 0
    end = len(memory)
    while at < end:
        head = HEAD.unpack_from(memory, at)
        if passes(head, ops, any_flags):
            selection.append(at // 4)
        at = next_slot(at, head[0])
    return selection


def five(memory):
    count = checksum = at = 0
    end = len(memory)
    while at < end:
        length, kind, local_port, has, bytes_acked, snd_cwnd, srtt_us, total_retrans = FIVE.unpack_from(memory, at)
        if not length & BUSY_OR_DISCARD and kind == KIND_OP:
            if has & HAS_SRTT_US:
                checksum += (srtt_us >> 3) + snd_cwnd + total_retrans + bytes_acked + local_port
            count += 1
        at = next_slot(at, length)
    return count, checksum & MASK_32


def every(memory):
    count = checksum = at = 0
    end = len(memory)
    while at < end:
        fields = ALL.unpack_from(memory, at)
        if not fields[0] & BUSY_OR_DISCARD and fields[1] == KIND_OP:
            checksum += every_field(fields)
            if fields[14] & HAS_TCP_HEADER:
                checksum += section_length(memory, at)
            count += 1
        at = next_slot(at, fields[0])
    return count, checksum & MASK_32


def every_field(fields):
    (
        _length,
        kind,
        op,
        bpf_sock_ops_cb_flags,
        state,
        skb_tcp_flags,
        ecn_flags,
        bits,
        ts_boot_ns,
        cookie,
        netns_cookie,
        remote_port,
        local_port,
        lane_key,
        has,
        arg_0,
        arg_1,
        arg_2,
        arg_3,
        cgroup_id,
        owner_pid,
        cpu,
        sk_err,
        bytes_received,
        bytes_acked,
        snd_cwnd,
        srtt_us,
        rtt_min,
        snd_ssthresh,
        rcv_nxt,
        snd_nxt,
        snd_una,
        mss_cache,
        rate_delivered,
        rate_interval_us,
        packets_out,
        retrans_out,
        total_retrans,
        segs_in,
        data_segs_in,
        segs_out,
        data_segs_out,
        lost_out,
        sacked_out,
        sk_txhash,
        skb_len,
    ) = fields
    total = kind + op + state + (bits & 15) + (bits >> 4 & 1) + (bits >> 7)
    total += int((ts_boot_ns >> 32) * 4294967.296 + (ts_boot_ns & MASK_32) / 1000) + cookie + local_port
    total += (remote_port >> 8 | (remote_port & 255) << 8) + lane_key
    if has & HAS_OWNER_ROLE:
        total += bits >> 5 & 3
    if has & HAS_ARGS:
        total += arg_0 + arg_1 + arg_2 + arg_3
    if has & HAS_SRTT_US:
        total += srtt_us >> 3
    if has & HAS_RTT_MIN and rtt_min != 0xFFFFFFFF:
        total += rtt_min
    if has & HAS_NETNS_COOKIE:
        total += netns_cookie
    if has & HAS_CPU:
        total += cpu
    if has & HAS_OWNER_PID:
        total += owner_pid
    if has & HAS_CGROUP_ID:
        total += cgroup_id
    if has & HAS_SK_ERR:
        total += sk_err
    if has & HAS_BPF_SOCK_OPS_CB_FLAGS:
        total += bpf_sock_ops_cb_flags
    if has & HAS_SKB_TCP_FLAGS:
        total += skb_tcp_flags
    if has & HAS_ECN_FLAGS:
        total += ecn_flags
    if has & HAS_BYTES_RECEIVED:
        total += bytes_received
    if has & HAS_BYTES_ACKED:
        total += bytes_acked
    if has & HAS_SND_CWND:
        total += snd_cwnd
    if has & HAS_SND_SSTHRESH:
        total += snd_ssthresh
    if has & HAS_RCV_NXT:
        total += rcv_nxt
    if has & HAS_SND_NXT:
        total += snd_nxt
    if has & HAS_SND_UNA:
        total += snd_una
    if has & HAS_MSS_CACHE:
        total += mss_cache
    if has & HAS_RATE_DELIVERED:
        total += rate_delivered
    if has & HAS_RATE_INTERVAL_US:
        total += rate_interval_us
    if has & HAS_PACKETS_OUT:
        total += packets_out
    if has & HAS_RETRANS_OUT:
        total += retrans_out
    if has & HAS_TOTAL_RETRANS:
        total += total_retrans
    if has & HAS_SEGS_IN:
        total += segs_in
    if has & HAS_DATA_SEGS_IN:
        total += data_segs_in
    if has & HAS_SEGS_OUT:
        total += segs_out
    if has & HAS_DATA_SEGS_OUT:
        total += data_segs_out
    if has & HAS_LOST_OUT:
        total += lost_out
    if has & HAS_SACKED_OUT:
        total += sacked_out
    if has & HAS_SK_TXHASH:
        total += sk_txhash
    if has & HAS_SKB_LEN:
        total += skb_len
    return total
