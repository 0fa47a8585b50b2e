import { TcpState } from '@sockflow/core';

import { WORD } from '../../slot-words.ts';
import type { Flow } from '../flow.ts';
import { receiveSyn, sendSyn, sendSynAck } from './handshake.ts';
import { giveUpConnecting, HZ, retransmitSyn, SYN_RETRIES, waitJiffies } from './timeouts.ts';

/* Connections that never come to be. */

const ECONNREFUSED = 111;
const GIVE_UP_NS = 900_000_000;
/** tcp_synack_retries. */
const SYN_ACK_RETRIES = 5;

/** Nobody listens: a reset answers the SYN. */
export function refused(flow: Flow): void {
  const { client } = flow;
  sendSyn(flow);
  for (let retry = 0; retry < SYN_RETRIES && flow.isLost(); retry++) {
    retransmitSyn(flow, retry);
  }
  flow.travel();
  flow.travel();
  client.add(WORD.segsIn, 1);
  client.image[WORD.packetsOut] = 0;
  client.fail(ECONNREFUSED);
  flow.emitState(client, TcpState.CLOSE);
}

/** Nothing answers: SYN after SYN, until the kernel (ETIMEDOUT) or the program (no error) gives up. */
export function abandonedConnect(flow: Flow): void {
  const { random, client } = flow;
  sendSyn(flow);
  const retries = random.chance(0.2) ? SYN_RETRIES : random.between(1, SYN_RETRIES);
  for (let retry = 0; retry < retries; retry++) {
    retransmitSyn(flow, retry);
  }
  if (retries === SYN_RETRIES) {
    giveUpConnecting(flow);
  } else {
    flow.wait(random.below(GIVE_UP_NS));
    flow.emitState(client, TcpState.CLOSE);
  }
}

/** The SYN-ACK's way is cut: the request socket sends it again after 1, 2, 4, ... s, each time with a NEEDS_ECN, and no child comes. */
export function halfOpen(flow: Flow): void {
  const { random } = flow;
  receiveSyn(flow);
  const repeats = random.below(SYN_ACK_RETRIES + 1);
  for (let repeat = 0; repeat < repeats; repeat++) {
    waitJiffies(flow, HZ * 2 ** repeat);
    sendSynAck(flow);
  }
}
