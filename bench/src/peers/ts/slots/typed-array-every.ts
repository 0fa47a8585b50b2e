import { HAS, HAS_HIGH } from './presence-masks.ts';

/* Fields in the order of the slot, in words of 4 bytes; cut up, since V8 compiles long functions late. The same as every_field of slots.c. */

function identity(u32: Uint32Array, w: number, has: number): number {
  const head = u32[w + 2]!;
  const flags = u32[w + 3]!;
  const ports = u32[w + 10]!;
  let sum = (head & 0xff) + ((head >>> 8) & 0xff) + (head >>> 24);
  if ((has & HAS.cbFlags) !== 0) sum += (head >>> 16) & 0xff;
  if ((has & HAS.tcpFlags) !== 0) sum += flags & 0xffff;
  if ((has & HAS.ecnFlags) !== 0) sum += (flags >>> 16) & 0xff;
  sum += ((flags >>> 24) & 0xf) + ((flags >>> 28) & 1) + (flags >>> 31);
  if ((has & HAS.role) !== 0) sum += (flags >>> 29) & 3;
  sum = (sum + Math.floor(u32[w + 5]! * 4294967.296 + u32[w + 4]! / 1000)) | 0;
  if ((has & HAS.netnsCookie) !== 0) sum = (sum + u32[w + 8]!) | 0;
  const remotePort = ((ports & 0xff) << 8) | ((ports >>> 8) & 0xff);
  return (sum + u32[w + 6]! + remotePort + (ports >>> 16) + u32[w + 11]!) | 0;
}

function ownerAndState(u32: Uint32Array, w: number, has: number): number {
  let sum = 0;
  if ((has & HAS.args) !== 0) sum = (u32[w + 24]! + u32[w + 25]! + u32[w + 26]! + u32[w + 27]!) | 0;
  if ((has & HAS.cgroupId) !== 0) sum = (sum + u32[w + 28]!) | 0;
  if ((has & HAS.ownerPid) !== 0) sum = (sum + u32[w + 30]!) | 0;
  if ((has & HAS.cpu) !== 0) sum = (sum + (u32[w + 31]! & 0xffff)) | 0;
  if ((has & HAS.skErr) !== 0) sum = (sum + (u32[w + 31]! >>> 16)) | 0;
  if ((has & HAS.bytesReceived) !== 0) sum = (sum + u32[w + 36]!) | 0;
  if ((has & HAS.bytesAcked) !== 0) sum = (sum + u32[w + 38]!) | 0;
  if ((has & HAS.sndCwnd) !== 0) sum = (sum + u32[w + 42]!) | 0;
  if ((has & HAS.srttUs) !== 0) sum = (sum + (u32[w + 43]! >>> 3)) | 0;
  if ((has & HAS.rttMin) !== 0 && u32[w + 44]! !== 0xffffffff) sum = (sum + u32[w + 44]!) | 0;
  if ((has & HAS.sndSsthresh) !== 0) sum = (sum + u32[w + 45]!) | 0;
  return sum;
}

function metrics(u32: Uint32Array, w: number): number {
  const first = u32[w + 46]! + u32[w + 47]! + u32[w + 48]! + u32[w + 49]!;
  const second = u32[w + 50]! + u32[w + 51]! + u32[w + 52]! + u32[w + 53]!;
  const third = u32[w + 54]! + u32[w + 55]! + u32[w + 56]! + u32[w + 57]!;
  const fourth = u32[w + 58]! + u32[w + 59]! + u32[w + 60]! + u32[w + 61]!;
  return (first + second + third + fourth) | 0;
}

/** Every numeric value of the op event at word `w`, summed modulo 2^32. */
export function everyFieldOfWords(u32: Uint32Array, w: number): number {
  const has = u32[w + 14]!;
  const hasHigh = u32[w + 15]!;
  let sum = (identity(u32, w, has) + ownerAndState(u32, w, has)) | 0;
  if ((hasHigh & HAS_HIGH.metrics) !== 0) sum = (sum + metrics(u32, w)) | 0;
  if ((hasHigh & HAS_HIGH.skbLen) !== 0) sum = (sum + u32[w + 62]!) | 0;
  if ((hasHigh & HAS_HIGH.tcpHeader) !== 0) sum = (sum + (u32[w + 64]! >>> 16)) | 0;
  return sum;
}
