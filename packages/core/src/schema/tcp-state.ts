/** TCP states. Mirrors BPF_TCP_* in include/uapi/linux/bpf.h. */
export const TcpState = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  TIME_WAIT: 6,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
  NEW_SYN_RECV: 12, // request sockets
  BOUND_INACTIVE: 13, // since about 6.8
} as const;
/** A known TCP state. */
export type TcpState = (typeof TcpState)[keyof typeof TcpState];
/** The name of a known TCP state. */
export type TcpStateName = keyof typeof TcpState;
