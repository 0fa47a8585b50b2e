import { EcnFlag, Op, TcpFlag, TcpState } from '@sockflow/core';

import { WORD } from '../../slot-words.ts';
import type { Flow } from '../flow.ts';
import type { Random } from '../random.ts';
import type { TcpEnd } from '../tcp-end.ts';
import { acceptAck, acksOf, afterAck, parseHeader, receive, sampleRtt, send } from './segments.ts';
import { noteRetransmits, retriedJiffies, TCP_RETRIES2, timeOut } from './timeouts.ts';

/*
 * Data on a path that loses a share of the segments. Each segment is lost or not by itself, and so is each that is sent again; acknowledgements are not lost.
 * So the retransmits of a connection that lives are the losses of its segments, one for one.
 */

const ETIMEDOUT = 110;
/** SACKs of this many later segments tell of a hole (tcp_reordering); fewer leave it to the timer. */
const TELLING_SEGMENTS = 3;

/** One run of segments, and how far it is acknowledged. */
interface Flight {
  readonly from: TcpEnd;
  readonly to: TcpEnd;
  readonly bytes: number;
  readonly segments: number;
  readonly mssBytes: number;
  readonly firstSeq: number;
  ackedSegments: number;
}

/** A flight of data until all of it is acknowledged, or the kernel gives up after 15 timeouts in a row. */
export function lossyFlight(flow: Flow, from: TcpEnd, bytes: number): void {
  const { random, lossRatio } = flow;
  const flight: Flight = {
    from,
    to: flow.peerOf(from),
    bytes,
    segments: send(flow, from, bytes),
    mssBytes: from.image[WORD.mss]!,
    firstSeq: from.image[WORD.sndUna]!,
    ackedSegments: 0,
  };
  let lost = drawLost(random, lossRatio, flight.segments);
  const sentNs = from.sentNs;
  flow.travel();
  acknowledge(flow, flight, lost[0] ?? flight.segments, sentNs);
  let isTold = flight.segments - flight.ackedSegments - lost.length >= TELLING_SEGMENTS;
  let retries = 0;
  while (lost.length > 0) {
    if (isTold) {
      enterRecovery(flow, flight, lost);
      sendAgain(flow, flight, lost);
      lost = lost.filter(() => random.chance(lossRatio));
    } else {
      if (retries === TCP_RETRIES2) {
        giveUp(flow, from);
        return;
      }
      timeOut(flow, from, retries, retriedJiffies(from, retries), 1);
      if (random.chance(lossRatio)) {
        retries++;
        continue;
      }
      retries = 0;
      lost.shift();
    }
    const { sentNs: sentAgainNs } = from;
    flow.travel();
    acknowledge(flow, flight, lost[0] ?? flight.segments, sentAgainNs);
    // After a timeout all that is missing goes out again as acknowledgements come in; what is lost once more waits for the timer.
    isTold = !isTold && retries === 0 && lost.length > 0;
  }
}

/** Which segments of a flight are lost, ascending. */
function drawLost(random: Random, lossRatio: number, segments: number): number[] {
  const lost: number[] = [];
  for (let segment = 0; segment < segments; segment++) {
    if (random.chance(lossRatio)) {
      lost.push(segment);
    }
  }
  return lost;
}

/** The receiver has all up to this segment; its acknowledgement arrives, with an RTT sample. */
function acknowledge(flow: Flow, flight: Flight, segment: number, sentNs: number): void {
  const { from, to, ackedSegments } = flight;
  const segments = segment - ackedSegments;
  if (segments === 0) {
    return;
  }
  const bytes = bytesBefore(flight, segment) - bytesBefore(flight, ackedSegments);
  receive(flow, to, bytes, segments);
  flow.travel();
  flight.ackedSegments = segment;
  if (segment === flight.segments) {
    acceptAck(flow, from, acksOf(segments), TcpFlag.ACK);
  } else {
    const { image } = from;
    from.add(WORD.segsIn, acksOf(segments));
    parseHeader(flow, from, TcpFlag.ACK, image[WORD.rcvNxt]!, 0);
    from.addLong(WORD.bytesAcked, bytes);
    from.add(WORD.sndUna, bytes);
    image[WORD.packetsOut] = flight.segments - segment;
    image[WORD.retransOut] = 0;
  }
  from.sentNs = sentNs;
  sampleRtt(flow, from);
  afterAck(from, segments, flow.nowNs - sentNs);
}

/** Three segments beyond the hole are SACKed: fast recovery. */
function enterRecovery(flow: Flow, flight: Flight, lost: readonly number[]): void {
  const { from, segments, ackedSegments } = flight;
  const { image } = from;
  image[WORD.sackedOut] = segments - ackedSegments - lost.length;
  image[WORD.lostOut] = lost.length;
  image[WORD.ssthresh] = Math.max(2, Math.floor((image[WORD.cwnd]! * 7) / 10));
  image[WORD.cwnd] = Math.max(2, lost.length, image[WORD.ssthresh]!);
  if (flow.hasEcn) {
    from.setEcnFlags(from.ecnFlags | EcnFlag.QUEUE_CWR);
  }
}

/** Each run of missing segments is sent again: a RETRANS_CB each. */
function sendAgain(flow: Flow, flight: Flight, lost: readonly number[]): void {
  const { from, firstSeq } = flight;
  for (let index = 0; index < lost.length;) {
    const first = lost[index]!;
    let count = 1;
    while (lost[index + count] === first + count) {
      count++;
    }
    from.add(WORD.segsOut, count);
    from.add(WORD.dataSegsOut, count);
    from.add(WORD.totalRetrans, count);
    noteRetransmits(from, count);
    flow.emit(from, Op.RETRANS_CB, (firstSeq + bytesBefore(flight, first)) >>> 0, count);
    from.image[WORD.retransOut] = from.image[WORD.retransOut]! + count;
    from.sentNs = flow.nowNs;
    index += count;
  }
}

function giveUp(flow: Flow, end: TcpEnd): void {
  end.fail(ETIMEDOUT);
  flow.emitState(end, TcpState.CLOSE);
  flow.end();
}

/** Bytes of the flight before this segment. */
function bytesBefore(flight: Flight, segment: number): number {
  return Math.min(flight.bytes, segment * flight.mssBytes);
}
