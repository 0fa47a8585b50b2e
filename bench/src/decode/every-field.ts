import type { EventView } from '@sockflow/core';

/*
 * V8 inlines about two dozen accessors into one function (its budget is --max-inlined-bytecode-size-cumulative) and calls the rest: several times slower. So what reads
 * many fields is best cut into functions of some fifteen, as here; each is compiled by itself.
 */

function identity(e: EventView): number {
  let sum =
    e.kind + e.op + e.state + e.family + (e.isFullsock ? 1 : 0) + (e.hasSkb === true ? 1 : 0);
  // Whole numbers before they are added: an addition in floating point waits for the one before it.
  sum = (sum + (e.tsUs | 0) + (e.cookieNumber | 0) + ((e.netnsCookieNumber ?? 0) | 0)) | 0;
  return (sum + e.localPort + e.remotePort + e.laneKey) | 0;
}

function ownerAndArguments(e: EventView): number {
  let sum = (e.cpu ?? 0) + (e.role ?? 0) + (e.ownerPid ?? 0) + (e.skErr ?? 0);
  sum = (sum + ((e.cgroupIdNumber ?? 0) | 0)) | 0;
  sum = (sum + (e.arg0 ?? 0) + (e.arg1 ?? 0) + (e.arg2 ?? 0) + (e.arg3 ?? 0)) | 0;
  return (sum + (e.cbFlags ?? 0) + (e.tcpFlags ?? 0) + (e.ecnFlags ?? 0)) | 0;
}

function sendState(e: EventView): number {
  let sum = (((e.bytesReceived ?? 0) | 0) + ((e.bytesAcked ?? 0) | 0)) | 0;
  sum = (sum + (e.sndCwnd ?? 0) + (e.srttUs ?? 0) + (e.rttMinUs ?? 0) + (e.sndSsthresh ?? 0)) | 0;
  return (sum + (e.rcvNxt ?? 0) + (e.sndNxt ?? 0) + (e.sndUna ?? 0) + (e.mssCache ?? 0)) | 0;
}

function counters(e: EventView): number {
  let sum =
    ((e.rateDelivered ?? 0) + (e.rateIntervalUs ?? 0) + (e.packetsOut ?? 0) + (e.retransOut ?? 0)) |
    0;
  sum =
    (sum + (e.totalRetrans ?? 0) + (e.segsIn ?? 0) + (e.dataSegsIn ?? 0) + (e.segsOut ?? 0)) | 0;
  sum =
    (sum + (e.dataSegsOut ?? 0) + (e.lostOut ?? 0) + (e.sackedOut ?? 0) + (e.skTxhash ?? 0)) | 0;
  return (sum + (e.skbLen ?? 0) + (e.tcpHeaderLength ?? 0)) | 0;
}

/** Every numeric value that any op event offers, summed modulo 2^32: what `every` of slots.c does, through the public accessors. */
export function everyField(e: EventView): number {
  return (identity(e) + ownerAndArguments(e) + sendState(e) + counters(e)) | 0;
}
