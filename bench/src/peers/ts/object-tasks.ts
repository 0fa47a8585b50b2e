import { ANY_CB, OP_MASK } from '../../harness/bench-filter.ts';
import type { PeerEvent } from './peer-fields.ts';

/*
 * What is read of an event that is a plain object. A peer has its process to itself, so that what V8 learnt of the objects of one decoder is not in the way of another's.
 */

export function fiveFieldsOf(e: PeerEvent): number {
  if (e.srttUs === undefined) return 0;
  return (
    e.srttUs + (e.sndCwnd ?? 0) + (e.totalRetrans ?? 0) + Number(e.bytesAcked ?? 0) + e.localPort
  );
}

export function survives(e: PeerEvent): boolean {
  return ((OP_MASK >>> e.op) & 1) !== 0 && ((e.cbFlags ?? 0) & ANY_CB) !== 0;
}

function identity(e: PeerEvent): number {
  let sum = e.kind + e.op + e.state + e.family + (e.isFullsock ? 1 : 0) + (e.hasSkb ? 1 : 0);
  sum = (sum + Math.floor(e.tsUs)) | 0;
  sum = (sum + Number(e.cookie)) | 0;
  sum = (sum + e.localPort + e.remotePort + e.laneKey) | 0;
  return (sum + Number(e.netnsCookie ?? 0)) | 0;
}

function ownerAndArguments(e: PeerEvent): number {
  let sum = (e.cpu ?? 0) + (e.role ?? 0) + (e.ownerPid ?? 0) + (e.skErr ?? 0);
  sum = (sum + Number(e.cgroupId ?? 0)) | 0;
  sum = (sum + (e.arg0 ?? 0) + (e.arg1 ?? 0) + (e.arg2 ?? 0) + (e.arg3 ?? 0)) | 0;
  return (sum + (e.cbFlags ?? 0) + (e.tcpFlags ?? 0) + (e.ecnFlags ?? 0)) | 0;
}

function sendState(e: PeerEvent): number {
  let sum = (Number(e.bytesReceived ?? 0) + Number(e.bytesAcked ?? 0)) | 0;
  sum = (sum + (e.sndCwnd ?? 0) + (e.srttUs ?? 0) + (e.rttMinUs ?? 0) + (e.sndSsthresh ?? 0)) | 0;
  return (sum + (e.rcvNxt ?? 0) + (e.sndNxt ?? 0) + (e.sndUna ?? 0) + (e.mssCache ?? 0)) | 0;
}

function counters(e: PeerEvent): number {
  let sum = (e.rateDelivered ?? 0) + (e.rateIntervalUs ?? 0) + (e.packetsOut ?? 0);
  sum = (sum + (e.retransOut ?? 0) + (e.totalRetrans ?? 0) + (e.segsIn ?? 0)) | 0;
  sum = (sum + (e.dataSegsIn ?? 0) + (e.segsOut ?? 0) + (e.dataSegsOut ?? 0)) | 0;
  return (sum + (e.lostOut ?? 0) + (e.sackedOut ?? 0) + (e.skTxhash ?? 0) + (e.skbLen ?? 0)) | 0;
}

function headerBytes(header: Uint8Array | string | undefined): number {
  if (header === undefined) return 0;
  return typeof header === 'string' ? header.length / 2 : header.length;
}

/** Every numeric value, and the length of the TCP header, summed modulo 2^32. */
export function everyFieldOf(e: PeerEvent): number {
  const sum = identity(e) + ownerAndArguments(e) + sendState(e) + counters(e);
  return (sum + headerBytes(e.tcpHeader)) | 0;
}
