/** A socket's ECN state, as `ecn_flags` has it. Mirrors TCP_ECN_* in include/net/tcp_ecn.h (include/net/tcp.h before 6.16). */
export const EcnFlag = {
  OK: 1,
  QUEUE_CWR: 2,
  DEMAND_CWR: 4,
  SEEN: 8,
  MODE_ACCECN: 16,
} as const;
/** One bit of a socket's ECN state. */
export type EcnFlag = (typeof EcnFlag)[keyof typeof EcnFlag];
/** The name of a bit of a socket's ECN state. */
export type EcnFlagName = keyof typeof EcnFlag;
