# SPDX-License-Identifier: Apache-2.0
"""struct sockflow_event of packages/core/include/sockflow_event.h, for ctypes and for struct."""
import ctypes


class Event(ctypes.LittleEndianStructure):
    _fields_ = [
        ("header_length", ctypes.c_uint32),
        ("header_page", ctypes.c_uint32),
        ("kind", ctypes.c_uint8),
        ("op", ctypes.c_uint8),
        ("bpf_sock_ops_cb_flags", ctypes.c_uint8),
        ("state", ctypes.c_uint8),
        ("skb_tcp_flags", ctypes.c_uint16),
        ("ecn_flags", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("ts_boot_ns", ctypes.c_uint64),
        ("cookie", ctypes.c_uint64),
        ("netns_cookie", ctypes.c_uint64),
        ("remote_port", ctypes.c_uint16),
        ("local_port", ctypes.c_uint16),
        ("lane_key", ctypes.c_uint32),
        ("remote_ip4", ctypes.c_uint32),
        ("local_ip4", ctypes.c_uint32),
        ("presence", ctypes.c_uint64),
        ("remote_ip6", ctypes.c_uint32 * 4),
        ("local_ip6", ctypes.c_uint32 * 4),
        ("args", ctypes.c_uint32 * 4),
        ("cgroup_id", ctypes.c_uint64),
        ("owner_pid", ctypes.c_uint32),
        ("cpu", ctypes.c_uint16),
        ("sk_err", ctypes.c_uint16),
        ("owner_comm", ctypes.c_char * 16),
        ("bytes_received", ctypes.c_uint64),
        ("bytes_acked", ctypes.c_uint64),
        ("skb_hwtstamp", ctypes.c_uint64),
        ("snd_cwnd", ctypes.c_uint32),
        ("srtt_us", ctypes.c_uint32),
        ("rtt_min", ctypes.c_uint32),
        ("snd_ssthresh", ctypes.c_uint32),
        ("rcv_nxt", ctypes.c_uint32),
        ("snd_nxt", ctypes.c_uint32),
        ("snd_una", ctypes.c_uint32),
        ("mss_cache", ctypes.c_uint32),
        ("rate_delivered", ctypes.c_uint32),
        ("rate_interval_us", ctypes.c_uint32),
        ("packets_out", ctypes.c_uint32),
        ("retrans_out", ctypes.c_uint32),
        ("total_retrans", ctypes.c_uint32),
        ("segs_in", ctypes.c_uint32),
        ("data_segs_in", ctypes.c_uint32),
        ("segs_out", ctypes.c_uint32),
        ("data_segs_out", ctypes.c_uint32),
        ("lost_out", ctypes.c_uint32),
        ("sacked_out", ctypes.c_uint32),
        ("sk_txhash", ctypes.c_uint32),
        ("skb_len", ctypes.c_uint32),
        ("tskey", ctypes.c_uint32),
    ]


assert ctypes.sizeof(Event) == 256

# Bits of presence, of the fields that are read here.
HAS_BPF_SOCK_OPS_CB_FLAGS = 1 << 1
HAS_NETNS_COOKIE = 1 << 11
HAS_CPU = 1 << 22
HAS_OWNER_ROLE = 1 << 7
HAS_OWNER_PID = 1 << 21
HAS_CGROUP_ID = 1 << 20
HAS_SK_ERR = 1 << 23
HAS_ARGS = 1 << 19
HAS_SKB_TCP_FLAGS = 1 << 3
HAS_ECN_FLAGS = 1 << 4
HAS_BYTES_RECEIVED = 1 << 25
HAS_BYTES_ACKED = 1 << 26
HAS_SND_CWND = 1 << 28
HAS_SRTT_US = 1 << 29
HAS_RTT_MIN = 1 << 30
HAS_SND_SSTHRESH = 1 << 31
HAS_RCV_NXT = 1 << 32
HAS_SND_NXT = 1 << 33
HAS_SND_UNA = 1 << 34
HAS_MSS_CACHE = 1 << 35
HAS_RATE_DELIVERED = 1 << 36
HAS_RATE_INTERVAL_US = 1 << 37
HAS_PACKETS_OUT = 1 << 38
HAS_RETRANS_OUT = 1 << 39
HAS_TOTAL_RETRANS = 1 << 40
HAS_SEGS_IN = 1 << 41
HAS_DATA_SEGS_IN = 1 << 42
HAS_SEGS_OUT = 1 << 43
HAS_DATA_SEGS_OUT = 1 << 44
HAS_LOST_OUT = 1 << 45
HAS_SACKED_OUT = 1 << 46
HAS_SK_TXHASH = 1 << 47
HAS_SKB_LEN = 1 << 48
HAS_TCP_HEADER = 1 << 50
