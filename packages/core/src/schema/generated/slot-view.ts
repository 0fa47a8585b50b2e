/* Generated from packages/core/src/schema by `pnpm generate`: change the tables there. */

import { formatIp4, formatIp6 } from '../address.ts';
import { CB_FLAG_TEXTS, ECN_FLAG_TEXTS, FAMILY_NAMES, KIND_NAMES, OP_NAMES, ROLE_NAMES, TCP_STATE_NAMES, tcpFlagText } from '../names.ts';
import type { Origin } from '../origin.ts';
import { commText, headerHex, headerInto, headerLength } from '../slot-text.ts';
import type { EventObject } from './view-types.ts';

/**
 * Reads the fields of the slot at word index `w` of `u32`, in place. `big` is the same memory as 64-bit words.
 * Users see it through {@link EventView} and the views of each op; whoever moves it sets `w`.
 */
export class SlotView {
  u32: Uint32Array;
  big: BigUint64Array;
  w: number;
  origin: Origin;

  constructor(u32: Uint32Array, big: BigUint64Array, w: number, origin: Origin) {
    this.u32 = u32;
    this.big = big;
    this.w = w;
    this.origin = origin;
  }

  get kind(): number {
    const m = this.u32;
    const w = this.w;
    return m[w + 2]! & 0xff;
  }

  get op(): number {
    const m = this.u32;
    const w = this.w;
    return (m[w + 2]! >>> 8) & 0xff;
  }

  get originId(): string {
    return this.origin.id;
  }

  get tsNs(): bigint {
    const w = this.w;
    return this.big[(w >>> 1) + 2]!;
  }

  get tsUs(): number {
    const m = this.u32;
    const w = this.w;
    return m[w + 5]! * 4294967.296 + m[w + 4]! / 1000;
  }

  get wallNs(): bigint | undefined {
    const w = this.w;
    const clock = this.origin.clock;
    return clock === undefined ? undefined : this.big[(w >>> 1) + 2]! - clock.bootNs + clock.realtimeNs;
  }

  get cpu(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x400000) === 0) return undefined;
    return m[w + 31]! & 0xffff;
  }

  get cookie(): bigint {
    const w = this.w;
    return this.big[(w >>> 1) + 3]!;
  }

  get cookieNumber(): number {
    const m = this.u32;
    const w = this.w;
    const high = m[w + 7]!;
    return high === 0 ? m[w + 6]! : high * 4294967296 + m[w + 6]!;
  }

  get netnsCookie(): bigint | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x800) === 0) return undefined;
    return this.big[(w >>> 1) + 4]!;
  }

  get netnsCookieNumber(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x800) === 0) return undefined;
    const high = m[w + 9]!;
    return high === 0 ? m[w + 8]! : high * 4294967296 + m[w + 8]!;
  }

  get laneKey(): number {
    const m = this.u32;
    const w = this.w;
    return m[w + 11]!;
  }

  get family(): number {
    const m = this.u32;
    const w = this.w;
    return (m[w + 3]! >>> 24) & 0xf;
  }

  get localAddress(): string | undefined {
    const m = this.u32;
    const w = this.w;
    if (!((m[w + 14]! & 0x10000) === 0)) return formatIp4(m[w + 13]!);
    return (m[w + 14]! & 0x40000) === 0 ? undefined : formatIp6(m[w + 20]!, m[w + 21]!, m[w + 22]!, m[w + 23]!);
  }

  get localPort(): number {
    const m = this.u32;
    const w = this.w;
    return m[w + 10]! >>> 16;
  }

  get remoteAddress(): string | undefined {
    const m = this.u32;
    const w = this.w;
    if (!((m[w + 14]! & 0x8000) === 0)) return formatIp4(m[w + 12]!);
    return (m[w + 14]! & 0x20000) === 0 ? undefined : formatIp6(m[w + 16]!, m[w + 17]!, m[w + 18]!, m[w + 19]!);
  }

  get remotePort(): number {
    const m = this.u32;
    const w = this.w;
    const raw = m[w + 10]! & 0xffff;
    return ((raw & 0xff) << 8) | (raw >>> 8);
  }

  get localIp4(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x10000) === 0) return undefined;
    return m[w + 13]!;
  }

  get remoteIp4(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x8000) === 0) return undefined;
    return m[w + 12]!;
  }

  get role(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80) === 0) return undefined;
    return (m[w + 3]! >>> 29) & 0x3;
  }

  get ownerPid(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x200000) === 0) return undefined;
    return m[w + 30]!;
  }

  get ownerComm(): string | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x1000000) === 0) return undefined;
    return commText(m, w + 32);
  }

  get cgroupId(): bigint | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x100000) === 0) return undefined;
    return this.big[(w >>> 1) + 14]!;
  }

  get cgroupIdNumber(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x100000) === 0) return undefined;
    const high = m[w + 29]!;
    return high === 0 ? m[w + 28]! : high * 4294967296 + m[w + 28]!;
  }

  get state(): number {
    const m = this.u32;
    const w = this.w;
    return m[w + 2]! >>> 24;
  }

  get isFullsock(): boolean {
    const m = this.u32;
    const w = this.w;
    return ((m[w + 3]! >>> 28) & 1) === 1;
  }

  get hasSkb(): boolean | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x100) === 0) return undefined;
    return ((m[w + 3]! >>> 31) & 1) === 1;
  }

  get retransmits(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0 || ((m[w + 2]! >>> 8) & 0xff) !== 8) return undefined;
    return m[w + 24]!;
  }

  get rtoJiffies(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0 || ((m[w + 2]! >>> 8) & 0xff) !== 8) return undefined;
    return m[w + 25]!;
  }

  get rtoUs(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0 || ((m[w + 2]! >>> 8) & 0xff) !== 8) return undefined;
    const hz = this.origin.hz;
    return hz === undefined ? undefined : (m[w + 25]! * 1_000_000) / hz;
  }

  get isExpired(): boolean | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0 || ((m[w + 2]! >>> 8) & 0xff) !== 8) return undefined;
    return ((m[w + 26]! >>> 0) & 1) === 1;
  }

  get retransSeq(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0 || ((m[w + 2]! >>> 8) & 0xff) !== 9) return undefined;
    return m[w + 24]!;
  }

  get retransSegs(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0 || ((m[w + 2]! >>> 8) & 0xff) !== 9) return undefined;
    return m[w + 25]!;
  }

  get retransError(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0 || ((m[w + 2]! >>> 8) & 0xff) !== 9) return undefined;
    return m[w + 26]! | 0;
  }

  get oldState(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0 || ((m[w + 2]! >>> 8) & 0xff) !== 10) return undefined;
    return m[w + 24]!;
  }

  get newState(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0 || ((m[w + 2]! >>> 8) & 0xff) !== 10) return undefined;
    return m[w + 25]!;
  }

  get mrttUs(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0 || ((m[w + 2]! >>> 8) & 0xff) !== 12) return undefined;
    return m[w + 24]!;
  }

  get newSrttUs(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0 || ((m[w + 2]! >>> 8) & 0xff) !== 12) return undefined;
    return m[w + 25]! >>> 3;
  }

  get hdrOptMode(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0 || (((m[w + 2]! >>> 8) & 0xff) - 14) >>> 0 > 1) return undefined;
    return m[w + 24]!;
  }

  get cbFlags(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x2) === 0) return undefined;
    return (m[w + 2]! >>> 16) & 0xff;
  }

  get tcpFlags(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x8) === 0) return undefined;
    return m[w + 3]! & 0xffff;
  }

  get ecnFlags(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x10) === 0) return undefined;
    return (m[w + 3]! >>> 16) & 0xff;
  }

  get skbLen(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x10000) === 0) return undefined;
    return m[w + 62]!;
  }

  get skErr(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x800000) === 0) return undefined;
    return m[w + 31]! >>> 16;
  }

  get srttUs(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x20000000) === 0) return undefined;
    return m[w + 43]! >>> 3;
  }

  get rttMinUs(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x40000000) === 0) return undefined;
    const value = m[w + 44]!;
    return value === 0xffffffff ? undefined : value;
  }

  get sndCwnd(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x10000000) === 0) return undefined;
    return m[w + 42]!;
  }

  get sndSsthresh(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000000) === 0) return undefined;
    return m[w + 45]!;
  }

  get rcvNxt(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x1) === 0) return undefined;
    return m[w + 46]!;
  }

  get sndNxt(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x2) === 0) return undefined;
    return m[w + 47]!;
  }

  get sndUna(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x4) === 0) return undefined;
    return m[w + 48]!;
  }

  get mssCache(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x8) === 0) return undefined;
    return m[w + 49]!;
  }

  get rateDelivered(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x10) === 0) return undefined;
    return m[w + 50]!;
  }

  get rateIntervalUs(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x20) === 0) return undefined;
    return m[w + 51]!;
  }

  get packetsOut(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x40) === 0) return undefined;
    return m[w + 52]!;
  }

  get retransOut(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x80) === 0) return undefined;
    return m[w + 53]!;
  }

  get totalRetrans(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x100) === 0) return undefined;
    return m[w + 54]!;
  }

  get segsIn(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x200) === 0) return undefined;
    return m[w + 55]!;
  }

  get dataSegsIn(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x400) === 0) return undefined;
    return m[w + 56]!;
  }

  get segsOut(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x800) === 0) return undefined;
    return m[w + 57]!;
  }

  get dataSegsOut(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x1000) === 0) return undefined;
    return m[w + 58]!;
  }

  get lostOut(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x2000) === 0) return undefined;
    return m[w + 59]!;
  }

  get sackedOut(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x4000) === 0) return undefined;
    return m[w + 60]!;
  }

  get skTxhash(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x8000) === 0) return undefined;
    return m[w + 61]!;
  }

  get bytesReceived(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x2000000) === 0) return undefined;
    const high = m[w + 37]!;
    return high === 0 ? m[w + 36]! : high * 4294967296 + m[w + 36]!;
  }

  get bytesReceivedBig(): bigint | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x2000000) === 0) return undefined;
    return this.big[(w >>> 1) + 18]!;
  }

  get bytesAcked(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x4000000) === 0) return undefined;
    const high = m[w + 39]!;
    return high === 0 ? m[w + 38]! : high * 4294967296 + m[w + 38]!;
  }

  get bytesAckedBig(): bigint | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x4000000) === 0) return undefined;
    return this.big[(w >>> 1) + 19]!;
  }

  get skbHwtstampNs(): bigint | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x8000000) === 0) return undefined;
    return this.big[(w >>> 1) + 20]!;
  }

  get tskey(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x20000) === 0) return undefined;
    return m[w + 63]!;
  }

  get tcpHeaderLength(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x40000) === 0) return undefined;
    return headerLength(m, w);
  }

  get tcpHeaderHex(): string | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 15]! & 0x40000) === 0) return undefined;
    return headerHex(m, w);
  }

  get arg0(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0) return undefined;
    return m[w + 24]!;
  }

  get arg1(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0) return undefined;
    return m[w + 25]!;
  }

  get arg2(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0) return undefined;
    return m[w + 26]!;
  }

  get arg3(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 14]! & 0x80000) === 0) return undefined;
    return m[w + 27]!;
  }

  get rttSumUs(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 2]! & 0xff) !== 2) return undefined;
    const high = m[w + 37]!;
    return high === 0 ? m[w + 36]! : high * 4294967296 + m[w + 36]!;
  }

  get rttCount(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 2]! & 0xff) !== 2) return undefined;
    return m[w + 38]!;
  }

  get rttLowUs(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 2]! & 0xff) !== 2) return undefined;
    return m[w + 39]!;
  }

  get rttHighUs(): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 2]! & 0xff) !== 2) return undefined;
    return m[w + 40]!;
  }

  get rttBuckets(): number[] | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 2]! & 0xff) !== 2) return undefined;
    const start = w + 41;
    return Array.from(m.subarray(start, start + 23));
  }

  tcpHeaderInto(target: Uint8Array): number {
    return this.tcpHeaderLength === undefined ? 0 : headerInto(this.u32, this.w, target);
  }

  rttBucket(index: number): number | undefined {
    const m = this.u32;
    const w = this.w;
    if ((m[w + 2]! & 0xff) !== 2) return undefined;
    return index >= 0 && index < 23 ? m[w + 41 + index]! : 0;
  }

  toObject(): EventObject {
    const object: EventObject = {
      kind: KIND_NAMES[this.kind]!,
      op: OP_NAMES[this.op]!,
      originId: this.originId,
      tsNs: this.tsNs,
      cookie: this.cookie,
      family: FAMILY_NAMES[this.family]!,
      localPort: this.localPort,
      remotePort: this.remotePort,
      state: TCP_STATE_NAMES[this.state]!,
      isFullsock: this.isFullsock,
    };
    const wallNs = this.wallNs;
    if (wallNs !== undefined) object.wallNs = wallNs;
    const cpu = this.cpu;
    if (cpu !== undefined) object.cpu = cpu;
    const netnsCookie = this.netnsCookie;
    if (netnsCookie !== undefined) object.netnsCookie = netnsCookie;
    const localAddress = this.localAddress;
    if (localAddress !== undefined) object.localAddress = localAddress;
    const remoteAddress = this.remoteAddress;
    if (remoteAddress !== undefined) object.remoteAddress = remoteAddress;
    const role = this.role;
    if (role !== undefined) object.role = ROLE_NAMES[role]!;
    const ownerPid = this.ownerPid;
    if (ownerPid !== undefined) object.ownerPid = ownerPid;
    const ownerComm = this.ownerComm;
    if (ownerComm !== undefined) object.ownerComm = ownerComm;
    const cgroupId = this.cgroupId;
    if (cgroupId !== undefined) object.cgroupId = cgroupId;
    const retransmits = this.retransmits;
    if (retransmits !== undefined) object.retransmits = retransmits;
    const rtoJiffies = this.rtoJiffies;
    if (rtoJiffies !== undefined) object.rtoJiffies = rtoJiffies;
    const rtoUs = this.rtoUs;
    if (rtoUs !== undefined) object.rtoUs = rtoUs;
    const isExpired = this.isExpired;
    if (isExpired !== undefined) object.isExpired = isExpired;
    const retransSeq = this.retransSeq;
    if (retransSeq !== undefined) object.retransSeq = retransSeq;
    const retransSegs = this.retransSegs;
    if (retransSegs !== undefined) object.retransSegs = retransSegs;
    const retransError = this.retransError;
    if (retransError !== undefined) object.retransError = retransError;
    const oldState = this.oldState;
    if (oldState !== undefined) object.oldState = TCP_STATE_NAMES[oldState] ?? `UNKNOWN(${oldState})`;
    const newState = this.newState;
    if (newState !== undefined) object.newState = TCP_STATE_NAMES[newState] ?? `UNKNOWN(${newState})`;
    const mrttUs = this.mrttUs;
    if (mrttUs !== undefined) object.mrttUs = mrttUs;
    const newSrttUs = this.newSrttUs;
    if (newSrttUs !== undefined) object.newSrttUs = newSrttUs;
    const hdrOptMode = this.hdrOptMode;
    if (hdrOptMode !== undefined) object.hdrOptMode = hdrOptMode;
    const cbFlags = this.cbFlags;
    if (cbFlags !== undefined) object.cbFlags = CB_FLAG_TEXTS[cbFlags]!;
    const tcpFlags = this.tcpFlags;
    if (tcpFlags !== undefined) object.tcpFlags = tcpFlagText(tcpFlags);
    const ecnFlags = this.ecnFlags;
    if (ecnFlags !== undefined) object.ecnFlags = ECN_FLAG_TEXTS[ecnFlags]!;
    const skbLen = this.skbLen;
    if (skbLen !== undefined) object.skbLen = skbLen;
    const skErr = this.skErr;
    if (skErr !== undefined) object.skErr = skErr;
    const srttUs = this.srttUs;
    if (srttUs !== undefined) object.srttUs = srttUs;
    const rttMinUs = this.rttMinUs;
    if (rttMinUs !== undefined) object.rttMinUs = rttMinUs;
    const sndCwnd = this.sndCwnd;
    if (sndCwnd !== undefined) object.sndCwnd = sndCwnd;
    const sndSsthresh = this.sndSsthresh;
    if (sndSsthresh !== undefined) object.sndSsthresh = sndSsthresh;
    const rcvNxt = this.rcvNxt;
    if (rcvNxt !== undefined) object.rcvNxt = rcvNxt;
    const sndNxt = this.sndNxt;
    if (sndNxt !== undefined) object.sndNxt = sndNxt;
    const sndUna = this.sndUna;
    if (sndUna !== undefined) object.sndUna = sndUna;
    const mssCache = this.mssCache;
    if (mssCache !== undefined) object.mssCache = mssCache;
    const rateDelivered = this.rateDelivered;
    if (rateDelivered !== undefined) object.rateDelivered = rateDelivered;
    const rateIntervalUs = this.rateIntervalUs;
    if (rateIntervalUs !== undefined) object.rateIntervalUs = rateIntervalUs;
    const packetsOut = this.packetsOut;
    if (packetsOut !== undefined) object.packetsOut = packetsOut;
    const retransOut = this.retransOut;
    if (retransOut !== undefined) object.retransOut = retransOut;
    const totalRetrans = this.totalRetrans;
    if (totalRetrans !== undefined) object.totalRetrans = totalRetrans;
    const segsIn = this.segsIn;
    if (segsIn !== undefined) object.segsIn = segsIn;
    const dataSegsIn = this.dataSegsIn;
    if (dataSegsIn !== undefined) object.dataSegsIn = dataSegsIn;
    const segsOut = this.segsOut;
    if (segsOut !== undefined) object.segsOut = segsOut;
    const dataSegsOut = this.dataSegsOut;
    if (dataSegsOut !== undefined) object.dataSegsOut = dataSegsOut;
    const lostOut = this.lostOut;
    if (lostOut !== undefined) object.lostOut = lostOut;
    const sackedOut = this.sackedOut;
    if (sackedOut !== undefined) object.sackedOut = sackedOut;
    const skTxhash = this.skTxhash;
    if (skTxhash !== undefined) object.skTxhash = skTxhash;
    const bytesReceived = this.bytesReceived;
    if (bytesReceived !== undefined) object.bytesReceived = bytesReceived;
    const bytesAcked = this.bytesAcked;
    if (bytesAcked !== undefined) object.bytesAcked = bytesAcked;
    const skbHwtstampNs = this.skbHwtstampNs;
    if (skbHwtstampNs !== undefined) object.skbHwtstampNs = skbHwtstampNs;
    const tskey = this.tskey;
    if (tskey !== undefined) object.tskey = tskey;
    const tcpHeaderHex = this.tcpHeaderHex;
    if (tcpHeaderHex !== undefined) object.tcpHeaderHex = tcpHeaderHex;
    const rttSumUs = this.rttSumUs;
    if (rttSumUs !== undefined) object.rttSumUs = rttSumUs;
    const rttCount = this.rttCount;
    if (rttCount !== undefined) object.rttCount = rttCount;
    const rttLowUs = this.rttLowUs;
    if (rttLowUs !== undefined) object.rttLowUs = rttLowUs;
    const rttHighUs = this.rttHighUs;
    if (rttHighUs !== undefined) object.rttHighUs = rttHighUs;
    const rttBuckets = this.rttBuckets;
    if (rttBuckets !== undefined) object.rttBuckets = rttBuckets;
    if (this.op > 20) {
      const arg0 = this.arg0;
      if (arg0 !== undefined) object.arg0 = arg0;
      const arg1 = this.arg1;
      if (arg1 !== undefined) object.arg1 = arg1;
      const arg2 = this.arg2;
      if (arg2 !== undefined) object.arg2 = arg2;
      const arg3 = this.arg3;
      if (arg3 !== undefined) object.arg3 = arg3;
    }
    return object;
  }

  toJSON(): EventObject {
    return this.toObject();
  }
}

