/** The TCP header's flags, as `skb_tcp_flags` has them. Mirrors TCPHDR_* in include/net/tcp.h; AE is bit 8 (AccECN, RFC 9768). */
export const TcpFlag = {
  FIN: 0x01,
  SYN: 0x02,
  RST: 0x04,
  PSH: 0x08,
  ACK: 0x10,
  URG: 0x20,
  ECE: 0x40,
  CWR: 0x80,
  AE: 0x100,
} as const;
/** One TCP header flag. */
export type TcpFlag = (typeof TcpFlag)[keyof typeof TcpFlag];
/** The name of a TCP header flag. */
export type TcpFlagName = keyof typeof TcpFlag;
