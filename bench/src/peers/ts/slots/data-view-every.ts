import { HAS, HAS_HIGH } from './presence-masks.ts';

/* As typed-array-every.ts, in bytes, little-endian, u64 as bigints that become numbers. */

function identity(view: DataView, at: number, has: number): number {
  const bits = view.getUint8(at + 15);
  let sum = view.getUint8(at + 8) + view.getUint8(at + 9) + view.getUint8(at + 11);
  if ((has & HAS.cbFlags) !== 0) sum += view.getUint8(at + 10);
  if ((has & HAS.tcpFlags) !== 0) sum += view.getUint16(at + 12, true);
  if ((has & HAS.ecnFlags) !== 0) sum += view.getUint8(at + 14);
  sum += (bits & 0xf) + ((bits >>> 4) & 1) + (bits >>> 7);
  if ((has & HAS.role) !== 0) sum += (bits >>> 5) & 3;
  const timeUs = view.getUint32(at + 20, true) * 4294967.296 + view.getUint32(at + 16, true) / 1000;
  sum = (sum + Math.floor(timeUs)) | 0;
  sum = (sum + Number(view.getBigUint64(at + 24, true))) | 0;
  if ((has & HAS.netnsCookie) !== 0) sum = (sum + Number(view.getBigUint64(at + 32, true))) | 0;
  const ports = view.getUint16(at + 40, false) + view.getUint16(at + 42, true);
  return (sum + ports + view.getUint32(at + 44, true)) | 0;
}

function ownerAndState(view: DataView, at: number, has: number): number {
  let sum = 0;
  if ((has & HAS.args) !== 0) {
    sum = view.getUint32(at + 96, true) + view.getUint32(at + 100, true);
    sum = (sum + view.getUint32(at + 104, true) + view.getUint32(at + 108, true)) | 0;
  }
  if ((has & HAS.cgroupId) !== 0) sum = (sum + Number(view.getBigUint64(at + 112, true))) | 0;
  if ((has & HAS.ownerPid) !== 0) sum = (sum + view.getUint32(at + 120, true)) | 0;
  if ((has & HAS.cpu) !== 0) sum = (sum + view.getUint16(at + 124, true)) | 0;
  if ((has & HAS.skErr) !== 0) sum = (sum + view.getUint16(at + 126, true)) | 0;
  if ((has & HAS.bytesReceived) !== 0) sum = (sum + Number(view.getBigUint64(at + 144, true))) | 0;
  if ((has & HAS.bytesAcked) !== 0) sum = (sum + Number(view.getBigUint64(at + 152, true))) | 0;
  if ((has & HAS.sndCwnd) !== 0) sum = (sum + view.getUint32(at + 168, true)) | 0;
  if ((has & HAS.srttUs) !== 0) sum = (sum + (view.getUint32(at + 172, true) >>> 3)) | 0;
  const rttMin = view.getUint32(at + 176, true);
  if ((has & HAS.rttMin) !== 0 && rttMin !== 0xffffffff) sum = (sum + rttMin) | 0;
  if ((has & HAS.sndSsthresh) !== 0) sum = (sum + view.getUint32(at + 180, true)) | 0;
  return sum;
}

function metrics(view: DataView, at: number): number {
  let sum = 0;
  for (let field = at + 184; field < at + 248; field += 4)
    sum = (sum + view.getUint32(field, true)) | 0;
  return sum;
}

/** Every numeric value of the op event at byte `at`, summed modulo 2^32. */
export function everyFieldOfView(view: DataView, at: number): number {
  const has = view.getUint32(at + 56, true);
  const hasHigh = view.getUint32(at + 60, true);
  let sum = (identity(view, at, has) + ownerAndState(view, at, has)) | 0;
  if ((hasHigh & HAS_HIGH.metrics) !== 0) sum = (sum + metrics(view, at)) | 0;
  if ((hasHigh & HAS_HIGH.skbLen) !== 0) sum = (sum + view.getUint32(at + 248, true)) | 0;
  if ((hasHigh & HAS_HIGH.tcpHeader) !== 0) sum = (sum + view.getUint16(at + 258, true)) | 0;
  return sum;
}
