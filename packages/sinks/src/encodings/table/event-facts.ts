import { Op, type SlotView, TCP_STATE_NAMES, TcpState, tcpFlagText } from '@sockflow/core';

import { bytesText, durationText, errnoText } from './units.ts';

/** What an engineer wants to see of an event beside its connection: the op's own facts, most telling first. */
export function eventFacts(event: SlotView): string[] {
  const facts: string[] = [];
  const add = (label: string, value: string | number | undefined): void => {
    if (value !== undefined) facts.push(label === '' ? String(value) : `${label} ${value}`);
  };
  switch (event.op) {
    case Op.STATE_CB:
      stateFacts(event, add);
      break;
    case Op.RTT_CB:
      add('rtt', duration(event.mrttUs));
      add('srtt', duration(event.newSrttUs ?? event.srttUs));
      add('min', duration(event.rttMinUs));
      add('cwnd', event.sndCwnd);
      break;
    case Op.RTO_CB:
      add('timeout', event.rtoUs === undefined ? undefined : durationText(event.rtoUs));
      add('in a row', event.retransmits);
      if (event.isExpired === true) add('', 'given up');
      break;
    case Op.RETRANS_CB:
      retransFacts(event, add);
      break;
    case Op.ACTIVE_ESTABLISHED_CB:
    case Op.PASSIVE_ESTABLISHED_CB:
      add('srtt', duration(event.srttUs));
      add('mss', event.mssCache);
      break;
    default:
      add('key', event.tskey);
  }
  const { tcpFlags } = event;
  if (tcpFlags !== undefined && tcpFlags !== 0) add('', tcpFlagText(tcpFlags));
  add('len', event.skbLen);
  if (event.skErr !== undefined && event.skErr !== 0) add('', errnoText(event.skErr));
  return facts;
}

type AddFact = (label: string, value: string | number | undefined) => void;

/** 0 is no sample yet. */
function duration(us: number | undefined): string | undefined {
  return us === undefined || us === 0 ? undefined : durationText(us);
}

function retransFacts(event: SlotView, add: AddFact): void {
  const segments = event.retransSegs;
  add('', segments === 1 ? '1 segment' : `${segments ?? '?'} segments`);
  add('seq', event.retransSeq);
  const error = event.retransError;
  if (error !== undefined && error < 0) add('', `not sent: ${errnoText(-error)}`);
  add('total', event.totalRetrans);
}

function stateFacts(event: SlotView, add: AddFact): void {
  const { newState } = event;
  add('→', newState === undefined ? undefined : TCP_STATE_NAMES[newState]);
  if (newState !== TcpState.CLOSE) return;
  const { bytesReceived, bytesAcked, totalRetrans } = event;
  if (bytesReceived !== undefined) add('in', bytesText(bytesReceived));
  if (bytesAcked !== undefined) add('out', bytesText(bytesAcked));
  if (totalRetrans !== undefined && totalRetrans > 0) add('retransmits', totalRetrans);
  add('srtt', duration(event.srttUs));
}
