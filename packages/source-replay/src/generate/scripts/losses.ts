import { EcnFlag, Op, TcpFlag, TcpState } from '@sockflow/core';

import { WORD } from '../../slot-words.ts';
import type { Flow } from '../flow.ts';
import type { TcpEnd } from '../tcp-end.ts';
import { exchange, flightBytes } from './exchange.ts';
import { acceptAck, acksOf, afterAck, receive, sampleRtt, send } from './segments.ts';
import { noteRetransmits, retransmitOne, rtoJiffies, timeOut } from './timeouts.ts';
import { endOf, open } from './traffic.ts';

/* Connections that lose segments. */

const ETIMEDOUT = 110;
const SHORT_WAIT_NS = 300_000;
/** TLP goes off after about two round trips and some ms. */
const TAIL_LOSS_PROBE_NS = 5_000_000;

/** Holes in a flight, found by SACK, filled by fast retransmits: RETRANS_CB without RTO_CB. */
export function lostSegments(flow: Flow): void {
  const { random, client, server } = flow;
  open(flow);
  const from = random.chance(0.5) ? client : server;
  exchange(flow, client, random.spread(50, 4_000));
  const losses = random.between(1, 4);
  for (let loss = 0; loss < losses; loss++) {
    flow.wait(random.below(SHORT_WAIT_NS));
    exchange(flow, from, flightBytes(from));
    loseAndRecover(flow, from, flow.take(flightBytes(from)));
  }
  endOf(flow);
}

/** The retransmission timer with backoff; sometimes the tail loss probe (RETRANS_CB alone) first. */
export function timeouts(flow: Flow): void {
  const { random, client, server } = flow;
  open(flow);
  flow.keepBack();
  exchange(flow, client, random.spread(50, 1_000));
  exchange(flow, server, random.spread(50, 9_000));
  const bytes = flow.takeKept(random.spread(100, 1_400));
  const segments = send(flow, client, bytes);
  if (random.chance(0.6)) {
    flow.wait(TAIL_LOSS_PROBE_NS + 4 * flow.delayNs);
    retransmitOne(flow, client, 1);
    client.image[WORD.retransOut] = 0;
  }
  const retries = random.between(1, 6);
  for (let retry = 0, jiffies = rtoJiffies(client); retry < retries; retry++, jiffies *= 2) {
    timeOut(flow, client, retry, jiffies, 1);
  }
  if (random.chance(0.15)) {
    giveUp(flow, client);
    return;
  }
  deliver(flow, client, server, bytes, segments);
  endOf(flow);
}

/** The local link is down: the segment stays queued below TCP, so RTO_CB comes without RETRANS_CB; then all goes on, with one very long RTT sample. */
export function linkStall(flow: Flow): void {
  const { random, client, server } = flow;
  open(flow);
  flow.keepBack();
  exchange(flow, client, random.spread(50, 1_000));
  exchange(flow, server, random.spread(50, 9_000));
  const bytes = flow.takeKept(random.spread(100, 1_400));
  const segments = send(flow, client, bytes);
  const retries = random.between(2, 5);
  for (let retry = 0, jiffies = rtoJiffies(client); retry < retries; retry++, jiffies *= 2) {
    timeOut(flow, client, retry, jiffies, undefined);
  }
  flow.wait(random.below(SHORT_WAIT_NS));
  deliver(flow, client, server, bytes, segments);
  endOf(flow);
}

function giveUp(flow: Flow, end: TcpEnd): void {
  end.fail(ETIMEDOUT);
  flow.emitState(end, TcpState.CLOSE);
  flow.end();
}

/** What was sent last arrives at last and is acknowledged. */
function deliver(flow: Flow, from: TcpEnd, to: TcpEnd, bytes: number, segments: number): void {
  flow.travel();
  receive(flow, to, bytes, segments);
  flow.travel();
  acceptAck(flow, from, acksOf(segments), TcpFlag.ACK);
  sampleRtt(flow, from);
  afterAck(from, segments, flow.nowNs - from.sentNs);
}

/** A flight with a hole: what came before it is acknowledged, what came after it is SACKed, the hole is sent again. */
function loseAndRecover(flow: Flow, from: TcpEnd, bytes: number): void {
  const { random } = flow;
  const to = flow.peerOf(from);
  const { image } = from;
  if (bytes === 0) {
    return;
  }
  const segments = send(flow, from, bytes);
  const lost = random.between(1, Math.max(2, Math.floor(segments / 2)));
  const before = random.below(segments - lost);
  const mss = image[WORD.mss]!;
  flow.travel();
  if (before > 0) {
    receive(flow, to, before * mss, before);
  }
  flow.travel();
  from.add(WORD.segsIn, acksOf(segments));
  from.add(WORD.sndUna, before * mss);
  from.addLong(WORD.bytesAcked, before * mss);
  image[WORD.packetsOut] = segments - before;
  image[WORD.sackedOut] = segments - before - lost;
  image[WORD.lostOut] = lost;
  image[WORD.ssthresh] = Math.max(2, Math.floor((image[WORD.cwnd]! * 7) / 10));
  image[WORD.cwnd] = Math.max(2, lost);
  if (flow.hasEcn) {
    from.setEcnFlags(from.ecnFlags | EcnFlag.QUEUE_CWR);
  }
  from.add(WORD.segsOut, lost);
  from.add(WORD.dataSegsOut, lost);
  from.add(WORD.totalRetrans, lost);
  noteRetransmits(from, lost);
  flow.emit(from, Op.RETRANS_CB, image[WORD.sndUna], lost);
  image[WORD.retransOut] = lost;
  from.sentNs = flow.nowNs;
  deliver(flow, from, to, bytes - before * mss, segments - before);
  image[WORD.cwnd] = image[WORD.ssthresh]!;
}
