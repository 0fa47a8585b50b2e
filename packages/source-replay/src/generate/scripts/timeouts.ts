import { EcnFlag, Op, TcpState } from '@sockflow/core';

import { WORD } from '../../slot-words.ts';
import type { Flow } from '../flow.ts';
import type { TcpEnd } from '../tcp-end.ts';

/* The retransmission timer: what it says (RTO_CB), and what follows where the segment could be sent again (RETRANS_CB). */

/** CONFIG_HZ of the generated kernel. */
export const HZ = 250;
const NS_PER_JIFFY = 1_000_000_000 / HZ;
const US_PER_JIFFY = 1_000_000 / HZ;
/** TCP_RTO_MIN of include/net/tcp.h, us. */
const RTO_MIN_US = 200_000;
/** TCP_TIMEOUT_INIT, the timeout of a SYN: 1 s. */
const SYN_RTO_JIFFIES = HZ;
/** tcp_syn_linear_timeouts (6.5): that many SYN timeouts do not double. */
const LINEAR_SYN_TIMEOUTS = 4;
/** tcp_syn_retries. */
export const SYN_RETRIES = 6;
const ETIMEDOUT = 110;
/** TCP_RTO_MAX: 120 s. */
const RTO_MAX_JIFFIES = 120 * HZ;
/** The timer wheel rounds: a timer of n jiffies goes off up to this much later. */
const TIMER_SLACK_RATIO = 1 / 32;
/** tcp_retries2: after that many timeouts in a row the kernel gives up. */
export const TCP_RETRIES2 = 15;

/** The socket's retransmission timeout before any backoff, jiffies. */
export function rtoJiffies(end: TcpEnd): number {
  return Math.ceil(((end.image[WORD.srtt]! >>> 3) + RTO_MIN_US) / US_PER_JIFFY);
}

/** The timeout after so many in a row: each doubles it. */
export function retriedJiffies(end: TcpEnd, retries: number): number {
  return Math.min(RTO_MAX_JIFFIES, rtoJiffies(end) * 2 ** retries);
}

export function waitJiffies(flow: Flow, jiffies: number): void {
  const durationNs = jiffies * NS_PER_JIFFY;
  flow.wait(durationNs + flow.random.below(NS_PER_JIFFY + durationNs * TIMER_SLACK_RATIO));
}

/** One timeout of the SYN: `retransmits` counts those before it. */
export function retransmitSyn(flow: Flow, retransmits: number): void {
  const { client } = flow;
  const jiffies = Math.min(
    RTO_MAX_JIFFIES,
    SYN_RTO_JIFFIES * 2 ** Math.max(0, retransmits - LINEAR_SYN_TIMEOUTS),
  );
  waitJiffies(flow, jiffies);
  if (retransmits > 0) {
    flow.emit(client, Op.TIMEOUT_INIT);
  }
  noteTimeout(client);
  flow.emit(client, Op.RTO_CB, retransmits, jiffies);
  enterLoss(flow, client);
  retransmitOne(flow, client, 0);
  flow.emit(client, Op.TIMEOUT_INIT);
}

/** After the last SYN the kernel waits once more, and the connect fails with ETIMEDOUT. */
export function giveUpConnecting(flow: Flow): void {
  const { client } = flow;
  waitJiffies(flow, 4 * HZ);
  client.fail(ETIMEDOUT);
  flow.emitState(client, TcpState.CLOSE);
}

/**
 * The timer of an established connection goes off after `timeoutJiffies`, and the first segment in flight is sent again: one with data, or a FIN (`dataSegments`
 * 0); `undefined`: it still lies in a queue below, so nothing is sent.
 */
export function timeOut(
  flow: Flow,
  end: TcpEnd,
  retransmits: number,
  timeoutJiffies: number,
  dataSegments: number | undefined,
): void {
  waitJiffies(flow, timeoutJiffies);
  noteTimeout(end);
  flow.emit(end, Op.RTO_CB, retransmits, timeoutJiffies);
  enterLoss(flow, end);
  if (dataSegments !== undefined) {
    retransmitOne(flow, end, dataSegments);
  }
}

/** tcp_enter_loss: all that is in flight counts as lost, one packet may go; the path's hash changes. */
function enterLoss(flow: Flow, end: TcpEnd): void {
  const { image } = end;
  image[WORD.cwnd] = 1;
  image[WORD.lostOut] = image[WORD.packetsOut]!;
  image[WORD.retransOut] = 0;
  image[WORD.txhash] = flow.random.u32() | 1;
  if (flow.hasEcn) {
    end.setEcnFlags(end.ecnFlags | EcnFlag.QUEUE_CWR);
  }
}

/** Sends the first unacknowledged segment again; the counters move before RETRANS_CB, `retrans_out` after it. */
export function retransmitOne(flow: Flow, end: TcpEnd, dataSegments: number): void {
  end.add(WORD.segsOut, 1);
  end.add(WORD.dataSegsOut, dataSegments);
  end.add(WORD.totalRetrans, 1);
  noteRetransmits(end, 1);
  flow.emit(end, Op.RETRANS_CB, end.image[WORD.sndUna], 1);
  end.image[WORD.retransOut] = end.image[WORD.retransOut]! + 1;
  end.sentNs = flow.nowNs;
}

/** For the truth of a recording: segments sent again. */
export function noteRetransmits(end: TcpEnd, segments: number): void {
  if (end.record !== undefined && end.isObserved) {
    end.record.retransmits += segments;
  }
}

function noteTimeout(end: TcpEnd): void {
  if (end.record !== undefined && end.isObserved) {
    end.record.timeouts++;
  }
}
