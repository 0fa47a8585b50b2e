import { Op, TcpFlag } from '@sockflow/core';

import { WORD } from '../../slot-words.ts';
import type { Flow } from '../flow.ts';
import { exchange } from './exchange.ts';
import { acceptAck, acksOf, afterAck, receive, sampleRtt, send } from './segments.ts';
import { endOf, open } from './traffic.ts';

/* Connections with ops that something must ask for: transmit time stamps (6.15), and BASE_RTT, which only tcp_nv asks. */

/** Ethernet, IPv4 or IPv6, TCP with time stamps: what the queue's and the driver's length have more than the payload. */
const FRAME_IP4_BYTES = 14 + 20 + 32;
const FRAME_IP6_BYTES = 14 + 40 + 32;
const SHORT_WAIT_NS = 200_000;

/** Each sendmsg is followed through the queue and the driver to its acknowledgement. */
export function timestamps(flow: Flow): void {
  stampedWrites(flow, false);
}

/** The same with a network card that stamps. */
export function hardwareTimestamps(flow: Flow): void {
  stampedWrites(flow, true);
}

function stampedWrites(flow: Flow, hasHardware: boolean): void {
  const { random, client, server } = flow;
  open(flow);
  const writes = random.between(2, 9);
  for (let write = 0; write < writes; write++) {
    flow.wait(random.below(SHORT_WAIT_NS));
    const bytes = random.spread(60, client.pathMssBytes);
    stampedExchange(flow, flow.take(bytes), hasHardware);
    exchange(flow, server, bytes);
  }
  endOf(flow);
}

function stampedExchange(flow: Flow, bytes: number, hasHardware: boolean): void {
  const { client, server } = flow;
  if (bytes === 0) {
    return;
  }
  const frameBytes = bytes + (client.isIp4 ? FRAME_IP4_BYTES : FRAME_IP6_BYTES);
  const tskey = (client.image[WORD.sndNxt]! + bytes - 1) >>> 0;
  flow.emitTimestamp(client, Op.TSTAMP_SENDMSG_CB, bytes, TcpFlag.ACK, tskey);
  const segments = send(flow, client, bytes);
  flow.wait(flow.random.below(12_000));
  flow.emitTimestamp(client, Op.TSTAMP_SCHED_CB, frameBytes, 0, tskey);
  flow.emitTimestamp(client, Op.TSTAMP_SND_SW_CB, frameBytes, 0, tskey);
  if (hasHardware) {
    const slot = flow.emitTimestamp(client, Op.TSTAMP_SND_HW_CB, frameBytes, 0, tskey);
    flow.setHardwareTime(slot, flow.nowNs);
  }
  flow.travel();
  receive(flow, server, bytes, segments);
  flow.travel();
  flow.emitTimestamp(client, Op.TSTAMP_ACK_CB, bytes, TcpFlag.PSH | TcpFlag.ACK, tskey);
  acceptAck(flow, client, acksOf(segments), TcpFlag.ACK);
  sampleRtt(flow, client);
  afterAck(client, segments, flow.nowNs - client.sentNs);
}

/** tcp_nv asks for the base RTT about once a round trip. */
export function measuredBaseRtt(flow: Flow): void {
  const { random, client } = flow;
  open(flow);
  const rounds = random.between(2, 8);
  for (let round = 0; round < rounds; round++) {
    flow.wait(random.below(SHORT_WAIT_NS));
    exchange(flow, client, random.spread(400, 20_000));
    flow.emit(client, Op.BASE_RTT);
  }
  endOf(flow);
}
