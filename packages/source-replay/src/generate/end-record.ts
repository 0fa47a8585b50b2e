import { TcpState } from '@sockflow/core';

import { WORD } from '../slot-words.ts';

/** How a connection came out, as one end of it knows. */
export type ConnectionOutcome =
  | 'established'
  | 'refused'
  | 'timedOut'
  | 'abandoned'
  | 'halfOpen'
  | 'listening';

const TWO_POW_32 = 4294967296;
const ECONNREFUSED = 111;
const ETIMEDOUT = 110;

/**
 * What a script did to one end, counted where it is done and not where its events are written: what the truth of a recording is made of (truth.ts). An end
 * that the host does not see has none of it.
 */
export class EndRecord {
  outcome: ConnectionOutcome;
  /** The state that the socket closed from; -1 while it is open. */
  closedFrom: number;
  errno: number;
  events: number;
  startNs: number;
  endNs: number;
  /** Segments sent again. */
  retransmits: number;
  timeouts: number;
  readonly rttSamplesUs: number[];
  bytesAcked: number;
  bytesReceived: number;

  constructor() {
    this.outcome = 'halfOpen';
    this.closedFrom = -1;
    this.errno = 0;
    this.events = 0;
    this.startNs = 0;
    this.endNs = 0;
    this.retransmits = 0;
    this.timeouts = 0;
    this.rttSamplesUs = [];
    this.bytesAcked = 0;
    this.bytesReceived = 0;
  }

  restart(): void {
    this.outcome = 'halfOpen';
    this.closedFrom = -1;
    this.errno = 0;
    this.events = 0;
    this.startNs = 0;
    this.endNs = 0;
    this.retransmits = 0;
    this.timeouts = 0;
    this.rttSamplesUs.length = 0;
    this.bytesAcked = 0;
    this.bytesReceived = 0;
  }

  /** A listener's record goes on at its end: its beginning was another flow's. */
  continueListening(startNs: number): void {
    this.outcome = 'listening';
    this.startNs = startNs;
    this.events = 1;
  }

  /** An event comes at this time, with the socket as its image has it. */
  noteEvent(timeNs: number, image: Uint32Array): void {
    if (this.events++ === 0) {
      this.startNs = timeNs;
    }
    this.endNs = timeNs;
    this.bytesAcked = image[WORD.bytesAcked]! + image[WORD.bytesAcked + 1]! * TWO_POW_32;
    this.bytesReceived = image[WORD.bytesReceived]! + image[WORD.bytesReceived + 1]! * TWO_POW_32;
  }

  noteState(before: number, after: number, errno: number): void {
    if (after === TcpState.ESTABLISHED) {
      this.outcome = 'established';
    } else if (after === TcpState.CLOSE) {
      this.closedFrom = before;
      this.errno = errno;
      if (before === TcpState.SYN_SENT) {
        this.outcome = failureOf(errno);
      }
    }
  }
}

function failureOf(errno: number): ConnectionOutcome {
  if (errno === ECONNREFUSED) {
    return 'refused';
  }
  return errno === ETIMEDOUT ? 'timedOut' : 'abandoned';
}
