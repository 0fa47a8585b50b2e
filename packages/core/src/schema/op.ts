/**
 * The sock_ops operators.
 *
 * Mirrors `enum` BPF_SOCK_OPS_* in include/uapi/linux/bpf.h (values are ABI; the list ends at 20 as of Linux 6.18).
 * A later kernel's op is carried as its number and named `UNKNOWN(n)`.
 */
export const Op = {
  VOID: 0, // 4.13, never fires
  TIMEOUT_INIT: 1, // 4.13
  RWND_INIT: 2, // 4.13
  TCP_CONNECT_CB: 3, // 4.13
  ACTIVE_ESTABLISHED_CB: 4, // 4.13
  PASSIVE_ESTABLISHED_CB: 5, // 4.13
  NEEDS_ECN: 6, // 4.13
  BASE_RTT: 7, // 4.15
  RTO_CB: 8, // 4.16
  RETRANS_CB: 9, // 4.16
  STATE_CB: 10, // 4.16
  TCP_LISTEN_CB: 11, // 4.19
  RTT_CB: 12, // 5.3, arguments since 6.10
  PARSE_HDR_OPT_CB: 13, // 5.10
  HDR_OPT_LEN_CB: 14, // 5.10
  WRITE_HDR_OPT_CB: 15, // 5.10
  TSTAMP_SCHED_CB: 16, // 6.15
  TSTAMP_SND_SW_CB: 17, // 6.15
  TSTAMP_SND_HW_CB: 18, // 6.15
  TSTAMP_ACK_CB: 19, // 6.15
  TSTAMP_SENDMSG_CB: 20, // 6.15
} as const;
/** A known sock_ops operator. */
export type Op = (typeof Op)[keyof typeof Op];
/** The name of a known operator, without the kernel's `BPF_SOCK_OPS_` prefix. */
export type OpName = keyof typeof Op;
/** The last operator that this version knows: later ones are carried with their raw arguments. */
export const LAST_KNOWN_OP: number = Op.TSTAMP_SENDMSG_CB;
