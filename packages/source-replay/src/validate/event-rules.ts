import { CbFlag, Family, HdrOptMode, laneKey, Op, TcpFlag, TcpState } from '@sockflow/core';

import { WORD } from '../slot-words.ts';
import type { EventCursor } from './event-cursor.ts';
import { hex } from './hex.ts';
import type { Finding } from './report.ts';

/* Rules that one event alone keeps or breaks: V2 to V9. */

const MIN_HEADER_BYTES = 20;
const MAX_HEADER_BYTES = 60;

/** How many arguments each op has; the reply of the queries lies in args[0], so what is there is another program's answer. */
// oxfmt-ignore
const ARGUMENT_COUNTS: Readonly<Record<number, number>> = {
  [Op.TIMEOUT_INIT]: 1, [Op.RWND_INIT]: 1, [Op.NEEDS_ECN]: 1, [Op.BASE_RTT]: 1,
  [Op.RTO_CB]: 3, [Op.RETRANS_CB]: 3, [Op.STATE_CB]: 2, [Op.RTT_CB]: 2, [Op.HDR_OPT_LEN_CB]: 1, [Op.WRITE_HDR_OPT_CB]: 1,
};
/** The cb flags that an op needs at least one of. */
// oxfmt-ignore
const GATES: Readonly<Record<number, number>> = {
  [Op.RTO_CB]: CbFlag.RTO, [Op.RETRANS_CB]: CbFlag.RETRANS, [Op.STATE_CB]: CbFlag.STATE, [Op.RTT_CB]: CbFlag.RTT,
  [Op.PARSE_HDR_OPT_CB]: CbFlag.PARSE_ALL_HDR_OPT | CbFlag.PARSE_UNKNOWN_HDR_OPT,
  [Op.HDR_OPT_LEN_CB]: CbFlag.WRITE_HDR_OPT, [Op.WRITE_HDR_OPT_CB]: CbFlag.WRITE_HDR_OPT,
};
const REQUEST_OPS: readonly number[] = [
  Op.TIMEOUT_INIT,
  Op.RWND_INIT,
  Op.NEEDS_ECN,
  Op.HDR_OPT_LEN_CB,
  Op.WRITE_HDR_OPT_CB,
];
const HEADER_OPS: ReadonlySet<number> = new Set([
  Op.ACTIVE_ESTABLISHED_CB,
  Op.PASSIVE_ESTABLISHED_CB,
  Op.PARSE_HDR_OPT_CB,
  Op.WRITE_HDR_OPT_CB,
]);

/** Checks one event without what came before it. */
export function checkAlone(event: EventCursor): Finding | undefined {
  return (
    checkCookie(event) ??
    checkSocketKind(event) ??
    checkCbFlags(event) ??
    checkArguments(event) ??
    checkHeader(event) ??
    checkHeaderAgrees(event) ??
    checkFamily(event)
  );
}

/** V2: before V1, since the presence rule knows no VOID. */
export function checkOp(event: EventCursor): Finding | undefined {
  return event.op === Op.VOID
    ? { rule: 'V2', expected: 'an op from 1 on', found: 'VOID' }
    : undefined;
}

/** V3 */
function checkCookie(event: EventCursor): Finding | undefined {
  const low = event.word(WORD.cookie);
  const high = event.word(WORD.cookie + 1);
  if (low === 0 && high === 0) {
    return { rule: 'V3', expected: 'a cookie', found: '0' };
  }
  const expected = laneKey(low, high);
  const found = event.word(WORD.laneKey);
  return expected === found
    ? undefined
    : { rule: 'V3', expected: `lane key ${hex(expected)}`, found: hex(found) };
}

/** V4 */
function checkSocketKind(event: EventCursor): Finding | undefined {
  const isRequest = event.state === TcpState.NEW_SYN_RECV;
  if (isRequest === event.isFullsock) {
    return {
      rule: 'V4',
      expected: `is_fullsock ${isRequest ? 0 : 1} in state ${event.state}`,
      found: event.isFullsock ? '1' : '0',
    };
  }
  if (isRequest && !REQUEST_OPS.includes(event.op)) {
    return { rule: 'V4', expected: `one of ops ${REQUEST_OPS.join(', ')}`, found: `${event.op}` };
  }
  return undefined;
}

/** V5 */
function checkCbFlags(event: EventCursor): Finding | undefined {
  const { op, cbFlags } = event;
  if (!event.isFullsock || (op >= Op.TSTAMP_SCHED_CB && op <= Op.TSTAMP_SENDMSG_CB)) {
    return cbFlags === 0 ? undefined : { rule: 'V5', expected: 'no cb flags', found: hex(cbFlags) };
  }
  const gate = GATES[op];
  if (gate !== undefined && (cbFlags & gate) === 0) {
    return { rule: 'V5', expected: `a cb flag of ${hex(gate)}`, found: hex(cbFlags) };
  }
  return undefined;
}

/** V6 */
function checkArguments(event: EventCursor): Finding | undefined {
  const { op } = event;
  if (op > Op.TSTAMP_SENDMSG_CB) {
    return undefined;
  }
  for (let index = ARGUMENT_COUNTS[op] ?? 0; index < 4; index++) {
    if (event.arg(index) !== 0) {
      return { rule: 'V6', expected: `args[${index}] 0`, found: `${event.arg(index)}` };
    }
  }
  const isHeaderOp = op === Op.HDR_OPT_LEN_CB || op === Op.WRITE_HDR_OPT_CB;
  if (isHeaderOp && event.arg(0) > HdrOptMode.SYNACK_COOKIE) {
    return { rule: 'V6', expected: 'a mode of 0 to 2', found: `${event.arg(0)}` };
  }
  if (op === Op.RTO_CB && event.arg(2) > 1) {
    return { rule: 'V6', expected: 'expired 0 or 1', found: `${event.arg(2)}` };
  }
  return undefined;
}

/** V7 */
function checkHeader(event: EventCursor): Finding | undefined {
  const { op, headerBytes, hasSkb } = event;
  if (op > Op.TSTAMP_SENDMSG_CB) {
    return undefined;
  }
  if (!HEADER_OPS.has(op)) {
    return headerBytes === 0 && !hasSkb
      ? undefined
      : { rule: 'V7', expected: 'no segment', found: `a header of ${headerBytes} bytes` };
  }
  if (!hasSkb || headerBytes < MIN_HEADER_BYTES || headerBytes > MAX_HEADER_BYTES) {
    return {
      rule: 'V7',
      expected: 'a header of 20 to 60 bytes',
      found: hasSkb ? `${headerBytes} bytes` : 'no segment',
    };
  }
  const dataOffsetBytes = (event.headerWord(3) >>> 28) * 4;
  // Before other programs have written their options the header ends where these begin.
  const isRight =
    op === Op.WRITE_HDR_OPT_CB ? dataOffsetBytes >= headerBytes : dataOffsetBytes === headerBytes;
  return isRight
    ? undefined
    : { rule: 'V7', expected: `data offset ${headerBytes} bytes`, found: `${dataOffsetBytes}` };
}

/** V8 */
function checkHeaderAgrees(event: EventCursor): Finding | undefined {
  const { op, headerBytes } = event;
  if (headerBytes === 0 || op > Op.TSTAMP_SENDMSG_CB) {
    return undefined;
  }
  const isWritten = op === Op.WRITE_HDR_OPT_CB;
  const source = event.headerWord(0) >>> 16;
  const destination = event.headerWord(0) & 0xffff;
  const ours = isWritten ? source : destination;
  const theirs = isWritten ? destination : source;
  // A header that is being written may still have zeros.
  const isOursRight = ours === event.localPort || (isWritten && ours === 0);
  const isTheirsRight = theirs === event.remotePort || (isWritten && theirs === 0);
  if (!isOursRight || !isTheirsRight) {
    return {
      rule: 'V8',
      expected: `local port ${event.localPort}, remote port ${event.remotePort}`,
      found: `${ours}, ${theirs}`,
    };
  }
  const flags = (event.headerWord(3) >>> 16) & 0xff;
  // A request socket's skb_tcp_flags are those of any SYN-ACK: the header's ECE is not among them.
  const compared = event.isFullsock ? 0xff : 0xff ^ TcpFlag.ECE;
  if (((flags ^ event.tcpFlags) & compared) !== 0) {
    return { rule: 'V8', expected: `flags ${hex(event.tcpFlags)}`, found: hex(flags) };
  }
  return event.word(WORD.skbLen) >= headerBytes
    ? undefined
    : { rule: 'V8', expected: `skb_len from ${headerBytes}`, found: `${event.word(WORD.skbLen)}` };
}

/** V9 */
function checkFamily(event: EventCursor): Finding | undefined {
  const { family } = event;
  return family === Family.AF_INET || family === Family.AF_INET6
    ? undefined
    : { rule: 'V9', expected: 'AF_INET or AF_INET6', found: `${family}` };
}
