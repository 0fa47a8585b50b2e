import { type Batch, foldFields } from '@sockflow/core';

// oxfmt-ignore
const FIELDS = [
  'kind', 'op', 'state', 'family', 'isFullsock', 'hasSkb', 'tsUs', 'cookieNumber', 'localPort', 'remotePort', 'laneKey', 'netnsCookieNumber',
  'cpu', 'role', 'ownerPid', 'skErr', 'cgroupIdNumber', 'arg0', 'arg1', 'arg2', 'arg3', 'cbFlags', 'tcpFlags', 'ecnFlags',
  'bytesReceived', 'bytesAcked', 'sndCwnd', 'srttUs', 'rttMinUs', 'sndSsthresh', 'rcvNxt', 'sndNxt', 'sndUna', 'mssCache',
  'rateDelivered', 'rateIntervalUs', 'packetsOut', 'retransOut', 'totalRetrans', 'segsIn', 'dataSegsIn', 'segsOut', 'dataSegsOut',
  'lostOut', 'sackedOut', 'skTxhash', 'skbLen', 'tcpHeaderLength',
] as const;

/** A function that adds every numeric value of a batch to a checksum modulo 2^32: what `every` of slots.c does, through `foldFields`. */
export function foldEveryField(): (batch: Batch, checksum: number) => number {
  return foldFields(
    FIELDS,
    // oxfmt-ignore
    (
      checksum: number, kind, op, state, family, isFullsock, hasSkb, tsUs, cookie, localPort, remotePort, laneKey, netnsCookie,
      cpu, role, ownerPid, skErr, cgroupId, arg0, arg1, arg2, arg3, cbFlags, tcpFlags, ecnFlags,
      bytesReceived, bytesAcked, sndCwnd, srttUs, rttMinUs, sndSsthresh, rcvNxt, sndNxt, sndUna, mssCache,
      rateDelivered, rateIntervalUs, packetsOut, retransOut, totalRetrans, segsIn, dataSegsIn, segsOut, dataSegsOut,
      lostOut, sackedOut, skTxhash, skbLen, tcpHeaderLength,
    ) => {
      let sum = kind + op + state + family + isFullsock + hasSkb + localPort + remotePort + cpu + role;
      // Whole numbers before they are added: an addition in floating point waits for the one before it.
      sum = (sum + (tsUs | 0) + (cookie | 0) + (netnsCookie | 0) + (cgroupId | 0)) | 0;
      sum = (sum + (bytesReceived | 0) + (bytesAcked | 0)) | 0;
      sum = (sum + laneKey + ownerPid + skErr + arg0 + arg1 + arg2 + arg3 + cbFlags + tcpFlags + ecnFlags) | 0;
      sum = (sum + sndCwnd + srttUs + rttMinUs + sndSsthresh + rcvNxt + sndNxt + sndUna + mssCache) | 0;
      sum = (sum + rateDelivered + rateIntervalUs + packetsOut + retransOut + totalRetrans + segsIn + dataSegsIn) | 0;
      sum = (sum + segsOut + dataSegsOut + lostOut + sackedOut + skTxhash + skbLen + tcpHeaderLength) | 0;
      return (checksum + sum) | 0;
    },
    { absent: 0 },
  );
}
