import { Op, SLOT_WORDS } from '@sockflow/core';

import type { EventCursor } from './event-cursor.ts';

/** Whose end it is, as its first event told; `unknown` where that has no owner and is no beginning. */
export type End = 'client' | 'server' | 'listener' | 'unknown';

/** What the validator remembers of one open socket: the last full event's words, and where in its life it is. */
export class Connection {
  readonly end: End;
  /** Words of the last event of the full socket with TCP metrics; `hasMetrics` tells whether there was one. */
  readonly last: Uint32Array;
  /** Words 0-63 of the first event: identity is compared with these. */
  readonly first: Uint32Array;
  /** Whether its beginning was not seen: rules that need it do not hold. */
  readonly isMidway: boolean;
  hasMetrics: boolean;
  /** Whether the full socket has been seen; a server's request socket comes before it. */
  isFull: boolean;
  state: number;
  /** Whether the socket's cb flags ask for STATE_CB, so that no change of state goes unseen. */
  seesStates: boolean;
  lastOp: number;
  lastTimeNs: number;
  /** STATE_CB SYN_SENT to ESTABLISHED came, ACTIVE_ESTABLISHED_CB did not yet. */
  awaitsActive: boolean;
  /** Place of the last of RWND_INIT, TIMEOUT_INIT, NEEDS_ECN; -1 before the first. */
  lastQuestion: number;
  hasPassive: boolean;
  ownerPid: number;
  /** `total_retrans` at the last RETRANS_CB; -1 where what came before it was not seen. */
  retransTold: number;
  rtoCount: number;
  rtoJiffies: number;
  /** Stage of each sendmsg that is followed, by tskey; made when the first comes. */
  stages: Map<number, number> | undefined;

  constructor(end: End, isMidway: boolean, event: EventCursor) {
    this.end = end;
    this.last = new Uint32Array(SLOT_WORDS);
    this.first = event.words.slice(event.slot, event.slot + SLOT_WORDS);
    this.isMidway = isMidway;
    this.hasMetrics = false;
    this.isFull = event.isFullsock;
    this.state = event.state;
    this.seesStates = false;
    this.lastOp = Op.VOID;
    this.lastTimeNs = 0;
    this.awaitsActive = false;
    this.lastQuestion = -1;
    this.hasPassive = false;
    this.ownerPid = 0;
    this.retransTold = isMidway ? -1 : 0;
    this.rtoCount = 0;
    this.rtoJiffies = 0;
    this.stages = undefined;
  }
}
