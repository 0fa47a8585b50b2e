// SPDX-License-Identifier: Apache-2.0

use crate::event::{has, Event, BUSY_OR_DISCARD, KIND_OP};

impl Event {
    #[inline(always)]
    pub fn is_op(&self) -> bool {
        self.header_length & BUSY_OR_DISCARD == 0 && self.kind == KIND_OP
    }

    #[inline(always)]
    pub fn passes(&self, ops: u32, any: u32) -> bool {
        self.is_op()
            && self.op < 32
            && ops >> self.op & 1 != 0
            && self.presence & has::BPF_SOCK_OPS_CB_FLAGS != 0
            && u32::from(self.bpf_sock_ops_cb_flags) & any != 0
    }

    /// Like C's `five_fields` in bench/c/slots.c.
    #[inline(always)]
    pub fn five_fields(&self) -> u32 {
        if self.presence & has::SRTT_US == 0 {
            return 0;
        }
        (self.srtt_us >> 3)
            .wrapping_add(self.snd_cwnd)
            .wrapping_add(self.total_retrans)
            .wrapping_add(self.bytes_acked as u32)
            .wrapping_add(self.local_port.into())
    }

    /// Like C's `every_field` in bench/c/slots.c, without what lies behind the 256 bytes.
    #[inline(always)]
    pub fn every_field(&self) -> u32 {
        let mut sum = 0u32;
        let mut add = |value: u32| sum = sum.wrapping_add(value);
        let has = |bit: u64| self.presence & bit != 0;
        add(self.kind.into());
        add(self.op.into());
        add(self.state.into());
        add((self.bits & 15).into());
        add((self.bits >> 4 & 1).into());
        add((self.bits >> 7).into());
        add(micros(self.ts_boot_ns));
        add(self.cookie as u32);
        add(self.local_port.into());
        add(self.remote_port.swap_bytes().into());
        add(self.lane_key);
        if has(has::OWNER_ROLE) {
            add((self.bits >> 5 & 3).into());
        }
        if has(has::ARGS) {
            self.args.into_iter().for_each(&mut add);
        }
        if has(has::SRTT_US) {
            add(self.srtt_us >> 3);
        }
        if has(has::RTT_MIN) && self.rtt_min != u32::MAX {
            add(self.rtt_min);
        }
        if has(has::NETNS_COOKIE) {
            add(self.netns_cookie as u32);
        }
        if has(has::CPU) {
            add(self.cpu.into());
        }
        if has(has::OWNER_PID) {
            add(self.owner_pid);
        }
        if has(has::CGROUP_ID) {
            add(self.cgroup_id as u32);
        }
        if has(has::SK_ERR) {
            add(self.sk_err.into());
        }
        if has(has::BPF_SOCK_OPS_CB_FLAGS) {
            add(self.bpf_sock_ops_cb_flags.into());
        }
        if has(has::SKB_TCP_FLAGS) {
            add(self.skb_tcp_flags.into());
        }
        if has(has::ECN_FLAGS) {
            add(self.ecn_flags.into());
        }
        if has(has::BYTES_RECEIVED) {
            add(self.bytes_received as u32);
        }
        if has(has::BYTES_ACKED) {
            add(self.bytes_acked as u32);
        }
        if has(has::SND_CWND) {
            add(self.snd_cwnd);
        }
        if has(has::SND_SSTHRESH) {
            add(self.snd_ssthresh);
        }
        if has(has::RCV_NXT) {
            add(self.rcv_nxt);
        }
        if has(has::SND_NXT) {
            add(self.snd_nxt);
        }
        if has(has::SND_UNA) {
            add(self.snd_una);
        }
        if has(has::MSS_CACHE) {
            add(self.mss_cache);
        }
        if has(has::RATE_DELIVERED) {
            add(self.rate_delivered);
        }
        if has(has::RATE_INTERVAL_US) {
            add(self.rate_interval_us);
        }
        if has(has::PACKETS_OUT) {
            add(self.packets_out);
        }
        if has(has::RETRANS_OUT) {
            add(self.retrans_out);
        }
        if has(has::TOTAL_RETRANS) {
            add(self.total_retrans);
        }
        if has(has::SEGS_IN) {
            add(self.segs_in);
        }
        if has(has::DATA_SEGS_IN) {
            add(self.data_segs_in);
        }
        if has(has::SEGS_OUT) {
            add(self.segs_out);
        }
        if has(has::DATA_SEGS_OUT) {
            add(self.data_segs_out);
        }
        if has(has::LOST_OUT) {
            add(self.lost_out);
        }
        if has(has::SACKED_OUT) {
            add(self.sacked_out);
        }
        if has(has::SK_TXHASH) {
            add(self.sk_txhash);
        }
        if has(has::SKB_LEN) {
            add(self.skb_len);
        }
        sum
    }
}

/// As a double, like the other sides.
#[inline(always)]
fn micros(ns: u64) -> u32 {
    ((ns >> 32) as f64 * 4294967.296 + (ns as u32) as f64 / 1000.0) as u64 as u32
}
