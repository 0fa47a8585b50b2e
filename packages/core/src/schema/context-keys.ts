/**
 * Keys of a raw context event, in the order in which one is written: what `struct bpf_sock_ops` has in its order, then what an observer adds.
 * `lane_key` is no key: it follows from the cookie.
 */
// oxfmt-ignore
export const CONTEXT_KEYS: readonly string[] = [
  'ts_boot_ns', 'cpu', 'op', 'args', 'family', 'remote_ip4', 'local_ip4', 'remote_ip6', 'local_ip6', 'remote_port', 'local_port',
  'is_fullsock', 'snd_cwnd', 'srtt_us', 'bpf_sock_ops_cb_flags', 'state', 'rtt_min', 'snd_ssthresh', 'rcv_nxt', 'snd_nxt', 'snd_una',
  'mss_cache', 'ecn_flags', 'rate_delivered', 'rate_interval_us', 'packets_out', 'retrans_out', 'total_retrans', 'segs_in',
  'data_segs_in', 'segs_out', 'data_segs_out', 'lost_out', 'sacked_out', 'sk_txhash', 'bytes_received', 'bytes_acked', 'skb_len',
  'skb_tcp_flags', 'skb_hwtstamp', 'has_skb', 'tcp_header', 'cookie', 'netns_cookie', 'cgroup_id', 'sk_err', 'owner_pid',
  'owner_comm', 'owner_role', 'tskey',
];

/** Keys that an event must have: what names its connection, and what its other fields' meaning depends on. All others may be missing. */
export const REQUIRED_CONTEXT_KEYS: readonly string[] = [
  'ts_boot_ns',
  'op',
  'family',
  'remote_port',
  'local_port',
  'is_fullsock',
  'state',
  'cookie',
];
