/** What the validator checks. Ids are stable; the order is the order of checking. */
// oxfmt-ignore
export const RULES = {
  V1: 'a field is present exactly where the presence rule says so; what a loader could not read is missing in all its events',
  V2: 'an op event has an op from 1 on: VOID never fires',
  V3: 'the cookie is not 0, and the lane key is its hash',
  V4: 'is_fullsock is 0 exactly where the state is NEW_SYN_RECV, and request sockets have ops 1, 2, 6, 14 and 15 only',
  V5: 'an op fires only where its cb flag is set; request sockets and ops 16-20 read no flags',
  V6: 'arguments that the op does not have are 0, and those that it has are in range',
  V7: 'ops 4, 5, 13 and 15 carry a TCP header of 20 to 60 bytes whose data offset is its length, in op 15 its length to be; other ops carry none',
  V8: 'a captured header agrees with the socket: ports, flags, and a length within skb_len',
  V9: 'the family is AF_INET or AF_INET6',
  V10: 'family, ports and addresses of a connection never change',
  V11: 'the events of a connection go forward in time',
  V12: 'the role fits the end, and the owner of a connection never changes',
  V13: 'a connection begins with TCP_CONNECT_CB, a request socket, a child in SYN_RECV, TCP_LISTEN_CB, or the snapshot of one that was there already',
  V14: 'STATE_CB comes before the store: the context still has the old state',
  V15: 'the old state of STATE_CB is the new state of the one before',
  V16: 'the state changes in a way that the kernel knows; TIME_WAIT is never seen',
  V17: 'the state of any other event is the one that the last STATE_CB named',
  V18: 'ACTIVE_ESTABLISHED_CB follows STATE_CB SYN_SENT to ESTABLISHED at once, and once',
  V19: 'PASSIVE_ESTABLISHED_CB comes in SYN_RECV, once, before STATE_CB SYN_RECV to ESTABLISHED',
  V20: 'a request socket has the cookie of its child, and comes before it',
  V21: 'a handshake asks in order: RWND_INIT, TIMEOUT_INIT, NEEDS_ECN',
  V22: 'RTT_CB gives the sample and the smoothed RTT that follows from it: srtt + sample - srtt / 8',
  V23: 'rtt_min is set once there is a smoothed RTT, and no sample is below it',
  V24: 'sequence numbers do not go back, and snd_una is at most snd_nxt',
  V25: 'counters do not go back, and segments with data are at most all segments',
  V26: 'bytes_acked moves as snd_una does, bytes_received as rcv_nxt does',
  V27: 'RETRANS_CB names bytes in flight and at least one segment, and total_retrans has moved since the last',
  V28: 'RTO_CB has something in flight, and backs off: its count goes up by one at most, its timeout never down',
  V29: 'sk_err is set only on the way to CLOSE, and fits it: refused from SYN_SENT, broken pipe from CLOSE_WAIT',
  V30: 'ops 16-20 of one tskey come in order, from SENDMSG on; what is sent again begins again with SCHED',
  V31: 'a listener has no events but its own beginning and end',
} as const;

/** The id of a rule. */
export type RuleId = keyof typeof RULES;
