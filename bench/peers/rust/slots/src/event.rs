// SPDX-License-Identifier: Apache-2.0

use bytemuck::{Pod, Zeroable};

/// `struct sockflow_event` of packages/core/include/sockflow_event.h.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub struct Event {
    pub header_length: u32,
    pub header_page: u32,
    pub kind: u8,
    pub op: u8,
    pub bpf_sock_ops_cb_flags: u8,
    pub state: u8,
    pub skb_tcp_flags: u16,
    pub ecn_flags: u8,
    pub bits: u8,
    pub ts_boot_ns: u64,
    pub cookie: u64,
    pub netns_cookie: u64,
    pub remote_port: u16,
    pub local_port: u16,
    pub lane_key: u32,
    pub remote_ip4: u32,
    pub local_ip4: u32,
    pub presence: u64,
    pub remote_ip6: [u32; 4],
    pub local_ip6: [u32; 4],
    pub args: [u32; 4],
    pub cgroup_id: u64,
    pub owner_pid: u32,
    pub cpu: u16,
    pub sk_err: u16,
    pub owner_comm: [u8; 16],
    pub bytes_received: u64,
    pub bytes_acked: u64,
    pub skb_hwtstamp: u64,
    pub snd_cwnd: u32,
    pub srtt_us: u32,
    pub rtt_min: u32,
    pub snd_ssthresh: u32,
    pub rcv_nxt: u32,
    pub snd_nxt: u32,
    pub snd_una: u32,
    pub mss_cache: u32,
    pub rate_delivered: u32,
    pub rate_interval_us: u32,
    pub packets_out: u32,
    pub retrans_out: u32,
    pub total_retrans: u32,
    pub segs_in: u32,
    pub data_segs_in: u32,
    pub segs_out: u32,
    pub data_segs_out: u32,
    pub lost_out: u32,
    pub sacked_out: u32,
    pub sk_txhash: u32,
    pub skb_len: u32,
    pub tskey: u32,
}

pub const SLOT_BYTES: usize = 256;
pub const RING_HEADER_BYTES: u32 = 8;
pub const LENGTH_MASK: u32 = 0x3fff_ffff;
pub const BUSY_OR_DISCARD: u32 = 0xc000_0000;
pub const KIND_OP: u8 = 1;

// Not compiled where the struct has another size than the kernel's.
const _: [(); SLOT_BYTES] = [(); core::mem::size_of::<Event>()];

/// Bits of `presence`, of the fields that are read here.
pub mod has {
    pub const BPF_SOCK_OPS_CB_FLAGS: u64 = 1 << 1;
    pub const NETNS_COOKIE: u64 = 1 << 11;
    pub const CPU: u64 = 1 << 22;
    pub const OWNER_ROLE: u64 = 1 << 7;
    pub const OWNER_PID: u64 = 1 << 21;
    pub const CGROUP_ID: u64 = 1 << 20;
    pub const SK_ERR: u64 = 1 << 23;
    pub const ARGS: u64 = 1 << 19;
    pub const SKB_TCP_FLAGS: u64 = 1 << 3;
    pub const ECN_FLAGS: u64 = 1 << 4;
    pub const BYTES_RECEIVED: u64 = 1 << 25;
    pub const BYTES_ACKED: u64 = 1 << 26;
    pub const SND_CWND: u64 = 1 << 28;
    pub const SRTT_US: u64 = 1 << 29;
    pub const RTT_MIN: u64 = 1 << 30;
    pub const SND_SSTHRESH: u64 = 1 << 31;
    pub const RCV_NXT: u64 = 1 << 32;
    pub const SND_NXT: u64 = 1 << 33;
    pub const SND_UNA: u64 = 1 << 34;
    pub const MSS_CACHE: u64 = 1 << 35;
    pub const RATE_DELIVERED: u64 = 1 << 36;
    pub const RATE_INTERVAL_US: u64 = 1 << 37;
    pub const PACKETS_OUT: u64 = 1 << 38;
    pub const RETRANS_OUT: u64 = 1 << 39;
    pub const TOTAL_RETRANS: u64 = 1 << 40;
    pub const SEGS_IN: u64 = 1 << 41;
    pub const DATA_SEGS_IN: u64 = 1 << 42;
    pub const SEGS_OUT: u64 = 1 << 43;
    pub const DATA_SEGS_OUT: u64 = 1 << 44;
    pub const LOST_OUT: u64 = 1 << 45;
    pub const SACKED_OUT: u64 = 1 << 46;
    pub const SK_TXHASH: u64 = 1 << 47;
    pub const SKB_LEN: u64 = 1 << 48;
    pub const TCP_HEADER: u64 = 1 << 50;
}
