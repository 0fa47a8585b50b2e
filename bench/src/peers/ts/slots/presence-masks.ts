import { PRESENCE_BIT } from '@sockflow/core';

/** Fields with a bit in the lower presence word: masks of it. */
export const HAS = {
  cbFlags: 1 << PRESENCE_BIT.bpf_sock_ops_cb_flags,
  tcpFlags: 1 << PRESENCE_BIT.skb_tcp_flags,
  ecnFlags: 1 << PRESENCE_BIT.ecn_flags,
  role: 1 << PRESENCE_BIT.owner_role,
  netnsCookie: 1 << PRESENCE_BIT.netns_cookie,
  args: 1 << PRESENCE_BIT.args,
  cgroupId: 1 << PRESENCE_BIT.cgroup_id,
  ownerPid: 1 << PRESENCE_BIT.owner_pid,
  cpu: 1 << PRESENCE_BIT.cpu,
  skErr: 1 << PRESENCE_BIT.sk_err,
  bytesReceived: 1 << PRESENCE_BIT.bytes_received,
  bytesAcked: 1 << PRESENCE_BIT.bytes_acked,
  sndCwnd: 1 << PRESENCE_BIT.snd_cwnd,
  srttUs: 1 << PRESENCE_BIT.srtt_us,
  rttMin: 1 << PRESENCE_BIT.rtt_min,
  sndSsthresh: 1 << PRESENCE_BIT.snd_ssthresh,
} as const;

/**
 * Of the upper presence word. The u32 from rcv_nxt (byte 184) to sk_txhash (byte 244) have bits 0 to 15 in the order of their bytes, and come together: a full socket's metrics.
 */
export const HAS_HIGH = {
  metrics: 0xffff,
  skbLen: 1 << (PRESENCE_BIT.skb_len - 32),
  tcpHeader: 1 << (PRESENCE_BIT.tcp_header - 32),
} as const;
