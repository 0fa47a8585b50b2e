import { EcnFlag, Op, TcpFlag, TcpState } from '@sockflow/core';

import { WORD } from '../../slot-words.ts';
import type { Flow } from '../flow.ts';
import type { TcpEnd } from '../tcp-end.ts';
import { buildHeader, sampleRtt } from './segments.ts';
import { giveUpConnecting, retransmitSyn, SYN_RETRIES } from './timeouts.ts';

/*
 * The three segments of a handshake, as both ends' callbacks tell them:
 *
 *   client  TCP_CONNECT, RWND_INIT, TIMEOUT_INIT, NEEDS_ECN                                  the SYN goes out
 *   server  RWND_INIT, TIMEOUT_INIT, NEEDS_ECN, with is_fullsock 0 and the child's cookie    the SYN arrives
 *   client  RTT, STATE SYN_SENT -> ESTABLISHED, ACTIVE_ESTABLISHED                           the SYN-ACK arrives
 *   server  RTT, PASSIVE_ESTABLISHED, STATE SYN_RECV -> ESTABLISHED                          the ACK arrives
 */

/** The window scale and TCP options take 12 bytes of each segment: time stamps. */
const TIMESTAMP_OPTION_BYTES = 12;
/** RWND_INIT sees the default MSS less the options, of IPv4 and of IPv6. */
const SYN_MSS_IP4_BYTES = 536 - TIMESTAMP_OPTION_BYTES;
const SYN_MSS_IP6_BYTES = 1220 - TIMESTAMP_OPTION_BYTES;
/** cwnd while the client becomes established: the route's metrics are not looked at yet. */
const CWND_AT_ESTABLISHING_PACKETS = 4;
const INITIAL_CWND_PACKETS = 10;
/** A SYN cookie's time stamp counts 64-second halves: the first RTT of such a connection is rubbish of this order. */
const SYN_COOKIE_RTT_US = 17_000;
const LONGEST_SYSCALL_NS = 25_000;
const PREPARE_NS = 20_000;

/** How a handshake differs from the ordinary one. */
export interface HandshakeOptions {
  /** The first SYN is lost: RTO, RETRANS, then as ever. */
  readonly losesSyn?: boolean;
  /** The server answers with a SYN cookie: there is no request socket, and the first RTT is unusable. */
  readonly usesSynCookie?: boolean;
  /** Another CPU made a second child of the same request, found it too late and threw it away. */
  readonly hasTwin?: boolean;
}

/** From `connect()` to both ends established. */
export function handshake(flow: Flow, options: HandshakeOptions = {}): void {
  const { client } = flow;
  sendSyn(flow);
  if (options.losesSyn === true) {
    retransmitSyn(flow, 0);
  }
  const synAckNs =
    flow.lossRatio > 0 ? questionOnLossyPath(flow, options) : question(flow, options);
  if (synAckNs < 0) {
    return;
  }
  becomeEstablished(flow, client);
  flow.travel();
  flow.server.sentNs = synAckNs;
  acceptChild(flow, options);
}

/** The SYN arrives, and the SYN-ACK. @returns when that was sent, ns since boot. */
function question(flow: Flow, options: HandshakeOptions): number {
  flow.travel();
  if (options.usesSynCookie !== true) {
    receiveSyn(flow);
  }
  const synAckNs = flow.nowNs;
  flow.travel();
  return synAckNs;
}

/** The same where SYN and SYN-ACK may be lost: each SYN that arrives is answered. @returns -1 where the client gave up. */
function questionOnLossyPath(flow: Flow, options: HandshakeOptions): number {
  const { random, lossRatio } = flow;
  let hasAsked = options.usesSynCookie === true;
  for (let retries = 0; ; retries++) {
    if (!random.chance(lossRatio)) {
      flow.travel();
      if (!hasAsked) {
        receiveSyn(flow);
        hasAsked = true;
      } else if (options.usesSynCookie !== true) {
        sendSynAck(flow);
      }
      const synAckNs = flow.nowNs;
      if (!random.chance(lossRatio)) {
        flow.travel();
        return synAckNs;
      }
    }
    if (retries === SYN_RETRIES) {
      giveUpConnecting(flow);
      flow.end();
      return -1;
    }
    retransmitSyn(flow, retries);
  }
}

/** `connect()` and the SYN. */
export function sendSyn(flow: Flow): void {
  const { client } = flow;
  const { image } = client;
  flow.emit(client, Op.TCP_CONNECT_CB);
  flow.wait(flow.random.below(LONGEST_SYSCALL_NS));
  image[WORD.mss] = client.isIp4 ? SYN_MSS_IP4_BYTES : SYN_MSS_IP6_BYTES;
  flow.emit(client, Op.RWND_INIT);
  image[WORD.sndNxt] = client.iss;
  image[WORD.sndUna] = client.iss;
  flow.emit(client, Op.TIMEOUT_INIT);
  image[WORD.packetsOut] = 1;
  flow.emit(client, Op.NEEDS_ECN);
  client.setEcnFlags(flow.hasEcn ? EcnFlag.OK : 0);
  buildHeader(flow, client, synFlags(flow), 0);
  client.add(WORD.sndNxt, 1);
  client.add(WORD.segsOut, 1);
  client.sentNs = flow.nowNs;
}

export function synFlags(flow: Flow): number {
  return flow.hasEcn ? TcpFlag.SYN | TcpFlag.ECE | TcpFlag.CWR : TcpFlag.SYN;
}

/** The request socket's events: the SYN arrived, the SYN-ACK goes out. */
export function receiveSyn(flow: Flow): void {
  flow.wait(flow.random.below(PREPARE_NS));
  flow.emitRequest(Op.RWND_INIT);
  flow.emitRequest(Op.TIMEOUT_INIT);
  sendSynAck(flow);
}

/** One SYN-ACK: headers first, then the ECN question, once for each that is sent. */
export function sendSynAck(flow: Flow): void {
  if (flow.server.seesHeaders) {
    flow.emitRequestHeader();
  }
  flow.emitRequest(Op.NEEDS_ECN);
}

function becomeEstablished(flow: Flow, client: TcpEnd): void {
  const { image } = client;
  const { server } = flow;
  image[WORD.mss] = client.pathMssBytes;
  client.add(WORD.segsIn, 1);
  client.addLong(WORD.bytesAcked, 1);
  image[WORD.sndUna] = image[WORD.sndNxt]!;
  image[WORD.packetsOut] = 0;
  image[WORD.lostOut] = 0;
  image[WORD.retransOut] = 0;
  sampleRtt(flow, client);
  image[WORD.rcvNxt] = server.iss + 1;
  image[WORD.cwnd] = CWND_AT_ESTABLISHING_PACKETS;
  flow.emitState(client, TcpState.ESTABLISHED);
  image[WORD.cwnd] = INITIAL_CWND_PACKETS;
  flow.emitReceived(client, Op.ACTIVE_ESTABLISHED_CB, flow.synAckFlags, server.iss, 0);
  client.setEcnFlags(flow.hasEcn ? EcnFlag.OK : 0);
  buildHeader(flow, client, TcpFlag.ACK, 0);
  client.add(WORD.segsOut, 1);
}

function acceptChild(flow: Flow, options: HandshakeOptions): void {
  const { server, client } = flow;
  const { image } = server;
  server.setState(TcpState.SYN_RECV);
  server.setEcnFlags(flow.hasEcn ? EcnFlag.OK : 0);
  image[WORD.mss] = server.pathMssBytes;
  image[WORD.rcvNxt] = client.iss + 1;
  image[WORD.sndNxt] = server.iss + 1;
  image[WORD.sndUna] = server.iss + 1;
  server.add(WORD.segsIn, 1);
  if (options.usesSynCookie === true) {
    sampleRtt(flow, server, SYN_COOKIE_RTT_US + flow.random.below(4000));
  } else {
    sampleRtt(flow, server);
  }
  server.add(WORD.segsIn, 1);
  flow.emitReceived(server, Op.PASSIVE_ESTABLISHED_CB, TcpFlag.ACK, client.iss + 1, 0);
  flow.emitState(server, TcpState.ESTABLISHED);
  if (options.hasTwin === true) {
    flow.emitTwin(Math.max(1, Math.floor((flow.nowNs - server.sentNs) / 1000)));
  }
}
