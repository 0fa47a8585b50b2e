import { TcpFlag } from '@sockflow/core';

import { WORD } from '../../slot-words.ts';
import type { Flow } from '../flow.ts';
import type { TcpEnd } from '../tcp-end.ts';
import { lossyFlight } from './lossy-flight.ts';
import { acceptAck, acksOf, afterAck, parseHeader, receive, sampleRtt, send } from './segments.ts';

const LARGEST_FLIGHT_BYTES = 400_000;

/* Data on its way and its acknowledgement. What is sent is at most what the connection still may carry (Flow.take). */

/** One flight of data and its acknowledgement, with the RTT sample that it gives. */
export function exchange(flow: Flow, from: TcpEnd, bytes: number): void {
  const carried = flow.take(bytes);
  if (carried > 0) {
    exchangeTaken(flow, from, carried);
  }
}

function exchangeTaken(flow: Flow, from: TcpEnd, bytes: number): void {
  if (flow.lossRatio > 0) {
    lossyFlight(flow, from, bytes);
    return;
  }
  const to = flow.peerOf(from);
  const segments = send(flow, from, bytes);
  flow.travel();
  receive(flow, to, bytes, segments);
  flow.travel();
  acceptAck(flow, from, acksOf(segments), TcpFlag.ACK);
  sampleRtt(flow, from);
  afterAck(from, segments, flow.nowNs - from.sentNs);
}

/** Two flights, the second sent before the first is acknowledged: the first RTT sample comes with packets still out. */
export function exchangeOverlapped(flow: Flow, from: TcpEnd, wantedBytes: number): void {
  const bytes = flow.take(wantedBytes);
  const laterBytes = flow.take(Math.ceil(bytes / 2));
  if (bytes > 0 && (laterBytes === 0 || flow.lossRatio > 0)) {
    exchangeTaken(flow, from, bytes + laterBytes);
    return;
  }
  if (bytes === 0) {
    return;
  }
  const to = flow.peerOf(from);
  const { image } = from;
  const segments = send(flow, from, bytes);
  const sentNs = from.sentNs;
  flow.travel();
  receive(flow, to, bytes, segments);
  const laterSegments = send(flow, from, laterBytes);
  const laterSentNs = from.sentNs;
  flow.travel();
  from.add(WORD.segsIn, acksOf(segments));
  parseHeader(flow, from, TcpFlag.ACK, image[WORD.rcvNxt]!, 0);
  from.addLong(WORD.bytesAcked, bytes);
  from.add(WORD.sndUna, bytes);
  image[WORD.packetsOut] = laterSegments;
  from.sentNs = sentNs;
  sampleRtt(flow, from);
  afterAck(from, segments, flow.nowNs - sentNs);
  receive(flow, to, laterBytes, laterSegments);
  flow.travel();
  acceptAck(flow, from, acksOf(laterSegments), TcpFlag.ACK);
  from.sentNs = laterSentNs;
  sampleRtt(flow, from);
  afterAck(from, laterSegments, flow.nowNs - laterSentNs);
}

/** What the window lets out at once, again and again, until the connection has carried all that it is to carry. */
export function exchangeRest(flow: Flow, from: TcpEnd): void {
  while (flow.bytesLeft > 0 && flow.bytesLeft !== Infinity) {
    exchange(flow, from, flightBytes(from));
  }
}

/** What the congestion window lets out at once, bytes. */
export function flightBytes(end: TcpEnd): number {
  return Math.min(LARGEST_FLIGHT_BYTES, end.image[WORD.cwnd]! * end.image[WORD.mss]!);
}
