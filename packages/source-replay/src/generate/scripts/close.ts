import { HdrOptMode, TcpFlag, TcpState } from '@sockflow/core';

import { WORD } from '../../slot-words.ts';
import type { Flow } from '../flow.ts';
import type { TcpEnd } from '../tcp-end.ts';
import { acceptAck, afterAck, buildHeader, parseHeader, sampleRtt } from './segments.ts';
import { retriedJiffies, TCP_RETRIES2, timeOut } from './timeouts.ts';

/* How connections end. TIME_WAIT is never seen: FIN_WAIT2 -> CLOSE hands over to it. */

const EPIPE = 32;
const ECONNRESET = 104;
const LONGEST_CLOSE_NS = 200_000;

/** `first` closes, the peer follows. */
export function closeInOrder(flow: Flow, first: TcpEnd): void {
  const second = flow.peerOf(first);
  sendFin(flow, first, TcpState.FIN_WAIT1);
  flow.travel();
  receiveFin(flow, second);
  flow.emitState(second, TcpState.CLOSE_WAIT);
  flow.wait(flow.random.below(LONGEST_CLOSE_NS));
  sendFin(flow, second, TcpState.LAST_ACK);
  flow.travel();
  acceptFinAck(flow, first, TcpFlag.FIN | TcpFlag.ACK);
  flow.emitState(first, TcpState.FIN_WAIT2);
  first.image[WORD.rcvNxt] = first.image[WORD.rcvNxt]! + 1;
  first.addLong(WORD.bytesReceived, 1);
  buildHeader(flow, first, TcpFlag.ACK, 0);
  first.add(WORD.segsOut, 1);
  flow.emitState(first, TcpState.CLOSE);
  flow.travel();
  acceptFinAck(flow, second, TcpFlag.ACK);
  flow.emitState(second, TcpState.CLOSE);
}

/** Both close before the other's FIN arrives: FIN_WAIT1 -> CLOSING -> CLOSE on each. */
export function closeTogether(flow: Flow): void {
  const { client, server } = flow;
  sendFin(flow, client, TcpState.FIN_WAIT1);
  sendFin(flow, server, TcpState.FIN_WAIT1);
  flow.travel();
  for (const end of [client, server]) {
    receiveFin(flow, end);
    buildHeader(flow, end, TcpFlag.ACK, 0);
    end.add(WORD.segsOut, 1);
    flow.emitState(end, TcpState.CLOSING);
  }
  flow.travel();
  for (const end of [client, server]) {
    acceptFinAck(flow, end, TcpFlag.ACK);
    flow.emitState(end, TcpState.CLOSE);
  }
}

/** `first` resets the connection: the peer sees ECONNRESET, or EPIPE where it had been told of the end already. */
export function reset(flow: Flow, first: TcpEnd): void {
  const second = flow.peerOf(first);
  flow.emitState(first, TcpState.CLOSE);
  flow.travel();
  second.add(WORD.segsIn, 1);
  parseHeader(flow, second, TcpFlag.RST | TcpFlag.ACK, second.image[WORD.rcvNxt]!, 0);
  second.fail(second.state === TcpState.CLOSE_WAIT ? EPIPE : ECONNRESET);
  flow.emitState(second, TcpState.CLOSE);
}

/** `first` closes, the peer answers with data and meets a reset: CLOSE_WAIT -> CLOSE with EPIPE. */
export function closeThenReset(flow: Flow, first: TcpEnd): void {
  const second = flow.peerOf(first);
  sendFin(flow, first, TcpState.FIN_WAIT1);
  flow.travel();
  receiveFin(flow, second);
  flow.emitState(second, TcpState.CLOSE_WAIT);
  second.add(WORD.segsOut, 1);
  flow.travel();
  acceptFinAck(flow, first, TcpFlag.ACK);
  flow.emitState(first, TcpState.FIN_WAIT2);
  reset(flow, first);
}

function sendFin(flow: Flow, end: TcpEnd, state: TcpState): void {
  flow.emitState(end, state);
  if (end.seesHeaders) {
    flow.emitHeaderLength(end, HdrOptMode.CURRENT_MSS, 0, 0);
  }
  buildHeader(flow, end, TcpFlag.FIN | TcpFlag.ACK, 0);
  end.image[WORD.packetsOut] = 1;
  end.add(WORD.sndNxt, 1);
  end.add(WORD.segsOut, 1);
  end.sentNs = flow.nowNs;
  // The last repetition gets through: how orphans end is another story.
  for (let retries = 0; retries < TCP_RETRIES2 && flow.isLost(); retries++) {
    timeOut(flow, end, retries, retriedJiffies(end, retries), 0);
  }
}

function receiveFin(flow: Flow, end: TcpEnd): void {
  end.add(WORD.segsIn, 1);
  parseHeader(flow, end, TcpFlag.FIN | TcpFlag.ACK, end.image[WORD.rcvNxt]!, 0);
  end.add(WORD.rcvNxt, 1);
  end.addLong(WORD.bytesReceived, 1);
}

/** The acknowledgement of our FIN arrives. */
function acceptFinAck(flow: Flow, end: TcpEnd, tcpFlags: number): void {
  acceptAck(flow, end, 1, tcpFlags);
  sampleRtt(flow, end);
  afterAck(end, 1, flow.nowNs - end.sentNs);
}
