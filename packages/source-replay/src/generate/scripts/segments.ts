import { EcnFlag, HdrOptMode, Op, TcpFlag } from '@sockflow/core';

import { WORD } from '../../slot-words.ts';
import type { Flow } from '../flow.ts';
import type { TcpEnd } from '../tcp-end.ts';

/*
 * What both ends do for a run of segments and its acknowledgement. The kernel's order, seen on live connections: counters of what arrived move before
 * PARSE_HDR_OPT_CB, sequence numbers after it; RTT_CB shows `snd_una` moved and `srtt_us` not yet; cwnd and the rate sample follow.
 */

/** Linux acknowledges what GRO gave it as one: about one ACK per this many segments. */
const SEGMENTS_PER_ACK = 16;
/** Where the congestion window of a connection without loss stops growing. */
const LARGEST_CWND_PACKETS = 512;

/** A segment goes out: ops 14 and 15 where the socket asks for headers. */
export function buildHeader(flow: Flow, end: TcpEnd, tcpFlags: number, payloadBytes: number): void {
  if (end.seesHeaders) {
    flow.emitHeaderLength(end, HdrOptMode.SEGMENT, tcpFlags, payloadBytes);
    if (end.writesOption) {
      flow.emitWritten(end, tcpFlags, end.image[WORD.sndNxt]!, payloadBytes);
    }
  }
}

/** A segment came in: op 13 where the socket asks for headers. */
export function parseHeader(
  flow: Flow,
  end: TcpEnd,
  tcpFlags: number,
  seq: number,
  payloadBytes: number,
): void {
  if (end.seesHeaders) {
    flow.emitReceived(end, Op.PARSE_HDR_OPT_CB, tcpFlags, seq, payloadBytes);
  }
}

/** The smoothed RTT after one more sample: tcp_rtt_estimator of net/ipv4/tcp_input.c, both in us, the smoothed one << 3. */
export function nextSrttUs8(srttUs8: number, sampleUs: number): number {
  if (srttUs8 === 0) {
    return Math.max(1, sampleUs * 8);
  }
  return Math.max(1, srttUs8 + sampleUs - (srttUs8 >>> 3));
}

/** The RTT sample of what was sent at `end.sentNs` and is acknowledged now; `sampleUs` where the kernel measures something else. */
export function sampleRtt(
  flow: Flow,
  end: TcpEnd,
  sampleUs: number = Math.max(1, Math.floor((flow.nowNs - end.sentNs) / 1000)),
): void {
  const { image } = end;
  const srttUs8 = nextSrttUs8(image[WORD.srtt]!, sampleUs);
  image[WORD.rttMin] = Math.min(image[WORD.rttMin]!, sampleUs);
  if (end.record !== undefined && end.isObserved) {
    end.record.rttSamplesUs.push(sampleUs);
  }
  flow.emit(end, Op.RTT_CB, sampleUs, srttUs8);
  image[WORD.srtt] = srttUs8;
}

/** Takes the acknowledgement of all that is in flight into account, after the RTT sample. */
export function afterAck(end: TcpEnd, segments: number, sampleNs: number): void {
  const { image } = end;
  image[WORD.rateDelivered] = segments;
  image[WORD.rateInterval] = Math.max(1, Math.floor(sampleNs / 1000));
  const cwnd = image[WORD.cwnd]!;
  const growth = cwnd < image[WORD.ssthresh]! ? segments : 1;
  image[WORD.cwnd] = Math.min(LARGEST_CWND_PACKETS, cwnd + growth);
}

export function segmentsOf(end: TcpEnd, bytes: number): number {
  return Math.ceil(bytes / end.image[WORD.mss]!);
}

/** Puts `bytes` on the wire, one run of segments. */
export function send(flow: Flow, from: TcpEnd, bytes: number): number {
  const { image } = from;
  if (from.seesHeaders) {
    flow.emitHeaderLength(from, HdrOptMode.CURRENT_MSS, 0, 0);
  }
  buildHeader(flow, from, TcpFlag.PSH | TcpFlag.ACK, bytes);
  const segments = segmentsOf(from, bytes);
  image[WORD.packetsOut] = image[WORD.packetsOut]! + segments;
  from.add(WORD.sndNxt, bytes);
  from.add(WORD.segsOut, segments);
  from.add(WORD.dataSegsOut, segments);
  from.sentNs = flow.nowNs;
  return segments;
}

/** `bytes` arrive and are acknowledged at once. */
export function receive(flow: Flow, to: TcpEnd, bytes: number, segments: number): void {
  const { image } = to;
  to.add(WORD.segsIn, segments);
  to.add(WORD.dataSegsIn, segments);
  parseHeader(flow, to, TcpFlag.PSH | TcpFlag.ACK, image[WORD.rcvNxt]!, bytes);
  to.add(WORD.rcvNxt, bytes);
  to.addLong(WORD.bytesReceived, bytes);
  if (flow.hasEcn) {
    to.setEcnFlags(to.ecnFlags | EcnFlag.SEEN);
  }
  buildHeader(flow, to, TcpFlag.ACK, 0);
  to.add(WORD.segsOut, acksOf(segments));
}

/** The acknowledgement of everything in flight arrives: moves `snd_una` and the counters, nothing that follows the RTT sample. */
export function acceptAck(flow: Flow, from: TcpEnd, acks: number, tcpFlags: number): void {
  const { image } = from;
  from.add(WORD.segsIn, acks);
  parseHeader(flow, from, tcpFlags, image[WORD.rcvNxt]!, 0);
  from.addLong(WORD.bytesAcked, (image[WORD.sndNxt]! - image[WORD.sndUna]!) >>> 0);
  image[WORD.sndUna] = image[WORD.sndNxt]!;
  image[WORD.packetsOut] = 0;
  image[WORD.lostOut] = 0;
  image[WORD.sackedOut] = 0;
  image[WORD.retransOut] = 0;
}

export function acksOf(segments: number): number {
  return Math.ceil(segments / SEGMENTS_PER_ACK);
}
