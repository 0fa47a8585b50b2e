/**
 * The callback flags a program requests with `bpf_sock_ops_cb_flags_set`.
 *
 * Mirrors BPF_SOCK_OPS_*_CB_FLAG in include/uapi/linux/bpf.h; BPF_SOCK_OPS_ALL_CB_FLAGS is 0x7f.
 */
export const CbFlag = {
  RTO: 1, // 4.16, gates RTO_CB
  RETRANS: 2, // 4.16, gates RETRANS_CB
  STATE: 4, // 4.16, gates STATE_CB
  RTT: 8, // 5.3, gates RTT_CB
  PARSE_ALL_HDR_OPT: 16, // 5.10, gates PARSE_HDR_OPT_CB for every received header
  PARSE_UNKNOWN_HDR_OPT: 32, // 5.10, gates PARSE_HDR_OPT_CB for headers with an option the kernel does not know
  WRITE_HDR_OPT: 64, // 5.10, gates HDR_OPT_LEN_CB and WRITE_HDR_OPT_CB
} as const;
/** One callback flag. */
export type CbFlag = (typeof CbFlag)[keyof typeof CbFlag];
/** The name of a callback flag, without the kernel's prefix and `_CB_FLAG`. */
export type CbFlagName = keyof typeof CbFlag;
