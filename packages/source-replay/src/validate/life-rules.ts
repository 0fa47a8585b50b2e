import { CbFlag, Family, Op, Role, TCP_STATE_NAMES, TcpFlag, TcpState } from '@sockflow/core';

import { WORD } from '../slot-words.ts';
import type { Connection, End } from './connection.ts';
import type { EventCursor } from './event-cursor.ts';
import type { Finding } from './report.ts';

/* Rules about the order of a connection's events: V10 to V21 and V31. */

/** Changes of state that the kernel makes with tcp_set_state; TIME_WAIT is a socket of its own and never set. */
// oxfmt-ignore
const TRANSITIONS: Readonly<Record<number, readonly number[]>> = {
  [TcpState.ESTABLISHED]: [TcpState.FIN_WAIT1, TcpState.CLOSE_WAIT, TcpState.CLOSE],
  [TcpState.SYN_SENT]:    [TcpState.ESTABLISHED, TcpState.SYN_RECV, TcpState.CLOSE],
  [TcpState.SYN_RECV]:    [TcpState.ESTABLISHED, TcpState.FIN_WAIT1, TcpState.CLOSE_WAIT, TcpState.CLOSE],
  [TcpState.FIN_WAIT1]:   [TcpState.FIN_WAIT2, TcpState.CLOSING, TcpState.CLOSE],
  [TcpState.FIN_WAIT2]:   [TcpState.CLOSE],
  [TcpState.CLOSE]:       [TcpState.SYN_SENT, TcpState.CLOSE],
  [TcpState.CLOSE_WAIT]:  [TcpState.LAST_ACK, TcpState.CLOSE],
  [TcpState.LAST_ACK]:    [TcpState.CLOSE],
  [TcpState.LISTEN]:      [TcpState.CLOSE],
  [TcpState.CLOSING]:     [TcpState.CLOSE],
};
/** Places of the questions in a handshake. */
const QUESTION_ORDER: readonly number[] = [Op.RWND_INIT, Op.TIMEOUT_INIT, Op.NEEDS_ECN];

/** Which end an event begins, or `undefined` where nothing begins so (V13). */
export function beginningOf(event: EventCursor): End | undefined {
  const { op, state } = event;
  if (op === Op.TCP_CONNECT_CB && state === TcpState.SYN_SENT) {
    return 'client';
  }
  if (op === Op.TCP_LISTEN_CB && state === TcpState.LISTEN) {
    return 'listener';
  }
  if (state === TcpState.NEW_SYN_RECV) {
    return 'server';
  }
  const isChild = op === Op.RTT_CB || op === Op.PASSIVE_ESTABLISHED_CB || op === Op.STATE_CB;
  return isChild && state === TcpState.SYN_RECV ? 'server' : undefined;
}

/** A second child of one request that another CPU made and threw away: its RTT sample comes with the cookie of the first, without a port, in CLOSE. */
export function isDiscardedTwin(event: EventCursor): boolean {
  return (
    event.op === Op.RTT_CB &&
    event.state === TcpState.CLOSE &&
    event.localPort === 0 &&
    event.isFullsock
  );
}

/** A header built for the RST that follows a close: the connection has ended, and its port may be given back. */
export function isPartingReset(event: EventCursor): boolean {
  const isHeaderOp = event.op === Op.HDR_OPT_LEN_CB || event.op === Op.WRITE_HDR_OPT_CB;
  return isHeaderOp && event.state === TcpState.CLOSE && (event.tcpFlags & TcpFlag.RST) !== 0;
}

/** Checks an event against the life of its connection so far. */
export function checkLife(connection: Connection, event: EventCursor): Finding | undefined {
  return (
    checkIdentity(connection, event) ??
    checkTime(connection, event) ??
    checkOwner(connection, event) ??
    checkListener(connection, event) ??
    (event.op === Op.STATE_CB
      ? checkStateChange(connection, event)
      : checkState(connection, event)) ??
    checkEstablishment(connection, event) ??
    checkRequest(connection, event) ??
    checkQuestions(connection, event)
  );
}

/** V10 */
function checkIdentity(connection: Connection, event: EventCursor): Finding | undefined {
  const { first } = connection;
  const isIp4 = event.family === Family.AF_INET;
  const hasSameFamily = ((first[WORD.flags]! ^ event.word(WORD.flags)) & 0x0f000000) === 0;
  const addressesAreSame = isIp4
    ? first[WORD.remoteIp4] === event.word(WORD.remoteIp4) &&
      first[WORD.localIp4] === event.word(WORD.localIp4)
    : isSameIp6(first, event, WORD.remoteIp6) && isSameIp6(first, event, WORD.localIp6);
  if (hasSameFamily && first[WORD.ports] === event.word(WORD.ports) && addressesAreSame) {
    return undefined;
  }
  return {
    rule: 'V10',
    expected: 'family, ports and addresses of the first event',
    found: `family ${event.family}, local port ${event.localPort}, remote port ${event.remotePort}`,
  };
}

function isSameIp6(first: Uint32Array, event: EventCursor, word: number): boolean {
  for (let index = word; index < word + 4; index++) {
    if (first[index] !== event.words[event.slot + index]) {
      return false;
    }
  }
  return true;
}

/** V11 */
function checkTime(connection: Connection, event: EventCursor): Finding | undefined {
  const timeNs = event.long(WORD.time);
  return timeNs >= connection.lastTimeNs
    ? undefined
    : { rule: 'V11', expected: `from ${connection.lastTimeNs} ns on`, found: `${timeNs} ns` };
}

/** V12 */
function checkOwner(connection: Connection, event: EventCursor): Finding | undefined {
  const { role } = event;
  if (role === 0) {
    return undefined;
  }
  const expected = connection.end === 'client' ? Role.CLIENT : Role.SERVER;
  if (role !== expected && connection.end !== 'unknown') {
    return { rule: 'V12', expected: `role ${expected}`, found: `${role}` };
  }
  const pid = event.word(WORD.ownerPid);
  return connection.ownerPid === 0 || connection.ownerPid === pid
    ? undefined
    : { rule: 'V12', expected: `owner ${connection.ownerPid}`, found: `${pid}` };
}

/** V31 */
function checkListener(connection: Connection, event: EventCursor): Finding | undefined {
  const isListenerOp = event.op === Op.TCP_LISTEN_CB || event.op === Op.STATE_CB;
  if (connection.end === 'listener' ? isListenerOp : event.op !== Op.TCP_LISTEN_CB) {
    return undefined;
  }
  return {
    rule: 'V31',
    expected: connection.end === 'listener' ? 'TCP_LISTEN_CB or STATE_CB' : 'no TCP_LISTEN_CB',
    found: `op ${event.op}`,
  };
}

/** V14, V15, V16 */
function checkStateChange(connection: Connection, event: EventCursor): Finding | undefined {
  const before = event.arg(0);
  const after = event.arg(1);
  if (event.state !== before) {
    return { rule: 'V14', expected: stateText(before), found: stateText(event.state) };
  }
  if (connection.isFull && before !== connection.state) {
    return { rule: 'V15', expected: stateText(connection.state), found: stateText(before) };
  }
  if (TRANSITIONS[before]?.includes(after) !== true) {
    return {
      rule: 'V16',
      expected: `${stateText(before)} to ${(TRANSITIONS[before] ?? []).map(stateText).join(' or ')}`,
      found: stateText(after),
    };
  }
  return undefined;
}

/** V17 */
function checkState(connection: Connection, event: EventCursor): Finding | undefined {
  const follows =
    !event.isFullsock ||
    !connection.isFull ||
    !connection.seesStates ||
    event.state === connection.state;
  return follows
    ? undefined
    : { rule: 'V17', expected: stateText(connection.state), found: stateText(event.state) };
}

/** V18, V19 */
function checkEstablishment(connection: Connection, event: EventCursor): Finding | undefined {
  const { op } = event;
  const seesStates = (event.cbFlags & CbFlag.STATE) !== 0;
  if (
    connection.awaitsActive !== (op === Op.ACTIVE_ESTABLISHED_CB) &&
    (connection.awaitsActive || (seesStates && !connection.isMidway))
  ) {
    return {
      rule: 'V18',
      expected: connection.awaitsActive
        ? 'ACTIVE_ESTABLISHED_CB'
        : 'STATE_CB to ESTABLISHED before',
      found: `op ${op}`,
    };
  }
  if (
    op === Op.PASSIVE_ESTABLISHED_CB &&
    (connection.hasPassive || event.state !== TcpState.SYN_RECV)
  ) {
    return {
      rule: 'V19',
      expected: 'one PASSIVE_ESTABLISHED_CB, in SYN_RECV',
      found: connection.hasPassive ? 'a second one' : stateText(event.state),
    };
  }
  const isChildOpening =
    op === Op.STATE_CB &&
    connection.end === 'server' &&
    event.arg(0) === TcpState.SYN_RECV &&
    event.arg(1) === TcpState.ESTABLISHED;
  return isChildOpening && !connection.hasPassive && !connection.isMidway
    ? { rule: 'V19', expected: 'PASSIVE_ESTABLISHED_CB before', found: 'none' }
    : undefined;
}

/** V20 */
function checkRequest(connection: Connection, event: EventCursor): Finding | undefined {
  return event.isFullsock || !connection.isFull
    ? undefined
    : { rule: 'V20', expected: 'no request socket after its child', found: `op ${event.op}` };
}

/** V21 */
function checkQuestions(connection: Connection, event: EventCursor): Finding | undefined {
  const place = QUESTION_ORDER.indexOf(event.op);
  const isAsked = !event.isFullsock || event.state === TcpState.SYN_SENT;
  if (place < 0 || !isAsked || connection.isMidway) {
    return undefined;
  }
  const needed = place === 0 ? firstOpOf(connection) : QUESTION_ORDER[place - 1]!;
  const isInOrder =
    place === 0 ? connection.lastOp === needed : connection.lastQuestion >= place - 1;
  return isInOrder
    ? undefined
    : { rule: 'V21', expected: `op ${needed} before`, found: `op ${connection.lastOp}` };
}

function firstOpOf(connection: Connection): number {
  return connection.end === 'client' ? Op.TCP_CONNECT_CB : Op.VOID;
}

/** Takes the event into the connection's life, whether it broke a rule or not. */
export function advanceLife(connection: Connection, event: EventCursor): void {
  const { op } = event;
  connection.lastTimeNs = event.long(WORD.time);
  connection.lastOp = op;
  connection.lastQuestion = Math.max(connection.lastQuestion, QUESTION_ORDER.indexOf(op));
  if (event.isFullsock) {
    if (op === Op.STATE_CB) {
      connection.state = event.arg(1);
    } else if (!connection.isFull || !connection.seesStates) {
      connection.state = event.state;
    }
    connection.isFull = true;
    if (op < Op.TSTAMP_SCHED_CB) {
      connection.seesStates = (event.cbFlags & CbFlag.STATE) !== 0;
    }
  }
  if (event.role !== 0) {
    connection.ownerPid = event.word(WORD.ownerPid);
  }
  connection.awaitsActive =
    op === Op.STATE_CB &&
    event.arg(0) === TcpState.SYN_SENT &&
    event.arg(1) === TcpState.ESTABLISHED;
  connection.hasPassive ||= op === Op.PASSIVE_ESTABLISHED_CB;
}

function stateText(state: number): string {
  return TCP_STATE_NAMES[state as TcpState] ?? `state ${state}`;
}
