import {
  type Family,
  Kind,
  laneKey,
  type Role,
  SLOT_LENGTH,
  SLOT_WORDS,
  TcpState,
} from '@sockflow/core';

import { SHIFT, WORD } from '../slot-words.ts';
import type { EndRecord } from './end-record.ts';

const TWO_POW_32 = 4294967296;
/** `rtt_min` before the first sample. */
const RTT_MIN_UNSET = 0xffffffff;
/** TCP_INFINITE_SSTHRESH of include/net/tcp.h. */
const SSTHRESH_INFINITE = 0x7fffffff;
const INITIAL_CWND_PACKETS = 10;
/** TCP_MSS_DEFAULT of include/linux/tcp.h: what mss_cache holds until the connection knows better. */
const MSS_DEFAULT_BYTES = 536;

/** Who and where a socket is: what never changes in its life. */
export interface SocketIdentity {
  readonly cookie: number;
  readonly netnsCookie: number;
  readonly cgroupId: number;
  readonly family: Family;
  /** IPv4 addresses as the context has them: network order, little-endian word. */
  readonly localIp4: number;
  readonly remoteIp4: number;
  readonly localIp6: readonly number[];
  readonly remoteIp6: readonly number[];
  readonly localPort: number;
  readonly remotePort: number;
  readonly cbFlags: number;
  readonly role: Role;
  readonly ownerPid: number;
  readonly ownerComm: readonly number[];
}

/**
 * One end of a connection. Its state is an image of its slot: the words that an event of it is copied from, so that whatever a script changes is what the next
 * event shows. An end that is not observed (on another host) lives all the same and emits nothing.
 */
export class TcpEnd {
  readonly image: Uint32Array;
  /** The same memory, for who copies it. */
  readonly big: BigUint64Array;
  isObserved: boolean;
  /** Whether ops 13 and 14 fire: the cb flags ask for headers. */
  seesHeaders: boolean;
  /** Whether some program on the hook reserves room for an option: only then op 15 fires. */
  writesOption: boolean;
  isIp4: boolean;
  /** What a segment can carry on this path, bytes. */
  pathMssBytes: number;
  /** Initial sequence number. */
  iss: number;
  state: number;
  ecnFlags: number;
  cpu: number;
  skErr: number;
  /** When the segment that the next RTT sample measures was sent, ns since boot. */
  sentNs: number;
  /** What its TCP time stamps count from, ms. */
  timestampBaseMs: number;
  /** Events emitted since it was opened. */
  events: number;
  /** What is done to it, where that is asked for. */
  record: EndRecord | undefined;

  constructor() {
    this.image = new Uint32Array(new ArrayBuffer(SLOT_WORDS * 4));
    this.big = new BigUint64Array(this.image.buffer);
    this.isObserved = false;
    this.seesHeaders = false;
    this.writesOption = false;
    this.isIp4 = true;
    this.pathMssBytes = 0;
    this.iss = 0;
    this.state = TcpState.CLOSE;
    this.ecnFlags = 0;
    this.cpu = 0;
    this.skErr = 0;
    this.sentNs = 0;
    this.timestampBaseMs = 0;
    this.events = 0;
    this.record = undefined;
  }

  /** Makes it a new socket, as the kernel initialises one (tcp_init_sock). */
  open(identity: SocketIdentity, state: TcpState, iss: number, cpu: number): void {
    const image = this.image.fill(0);
    this.iss = iss;
    this.skErr = 0;
    this.ecnFlags = 0;
    this.sentNs = 0;
    this.events = 0;
    this.record?.restart();
    image[0] = SLOT_LENGTH;
    image[WORD.kind] = Kind.OP | (identity.cbFlags << SHIFT.cbFlags);
    image[WORD.flags] =
      (identity.family << SHIFT.family) | (1 << SHIFT.isFullsock) | (identity.role << SHIFT.role);
    writeIdentity(image, identity);
    image[WORD.ownerPid] = identity.ownerPid;
    setLong(image, WORD.cgroup, identity.cgroupId);
    copyFour(image, WORD.ownerComm, identity.ownerComm);
    image[WORD.cwnd] = INITIAL_CWND_PACKETS;
    image[WORD.rttMin] = RTT_MIN_UNSET;
    image[WORD.ssthresh] = SSTHRESH_INFINITE;
    image[WORD.mss] = MSS_DEFAULT_BYTES;
    this.setState(state);
    this.runOn(cpu);
  }

  get remotePort(): number {
    return swap16(this.image[WORD.ports]! & 0xffff);
  }

  setState(state: TcpState): void {
    this.state = state;
    const word = this.image[WORD.kind]!;
    this.image[WORD.kind] = (word & ((1 << SHIFT.state) - 1)) | (state << SHIFT.state);
  }

  setEcnFlags(ecnFlags: number): void {
    this.ecnFlags = ecnFlags;
    const word = this.image[WORD.flags]!;
    this.image[WORD.flags] = (word & ~(0xff << SHIFT.ecnFlags)) | (ecnFlags << SHIFT.ecnFlags);
  }

  runOn(cpu: number): void {
    this.cpu = cpu;
    this.image[WORD.cpu] = cpu | (this.skErr << SHIFT.skErr);
  }

  fail(errno: number): void {
    this.skErr = errno;
    this.image[WORD.cpu] = this.cpu | (errno << SHIFT.skErr);
  }

  /** Adds to a counter; wraps as the kernel's do. */
  add(word: number, count: number): void {
    this.image[word] = this.image[word]! + count;
  }

  addLong(word: number, count: number): void {
    const sum = this.image[word]! + count;
    this.image[word] = sum;
    if (sum >= TWO_POW_32) {
      this.image[word + 1] = this.image[word + 1]! + 1;
    }
  }
}

/** The slot of a request socket: addresses, ports, cookies, and nothing else. */
export function writeRequestImage(image: Uint32Array, identity: SocketIdentity): void {
  image.fill(0);
  image[0] = SLOT_LENGTH;
  image[WORD.kind] = Kind.OP | (TcpState.NEW_SYN_RECV << SHIFT.state);
  image[WORD.flags] = identity.family << SHIFT.family;
  writeIdentity(image, identity);
}

function writeIdentity(image: Uint32Array, identity: SocketIdentity): void {
  setLong(image, WORD.cookie, identity.cookie);
  setLong(image, WORD.netns, identity.netnsCookie);
  image[WORD.laneKey] = laneKey(image[WORD.cookie]!, image[WORD.cookie + 1]!);
  image[WORD.ports] = swap16(identity.remotePort) | (identity.localPort << SHIFT.localPort);
  image[WORD.remoteIp4] = identity.remoteIp4;
  image[WORD.localIp4] = identity.localIp4;
  copyFour(image, WORD.remoteIp6, identity.remoteIp6);
  copyFour(image, WORD.localIp6, identity.localIp6);
}

/** Writes a whole number below 2^53 as a u64. */
export function setLong(words: Uint32Array, word: number, value: number): void {
  words[word] = value;
  words[word + 1] = Math.floor(value / TWO_POW_32);
}

/** The two bytes of a port, swapped: network order as a little-endian u16. */
export function swap16(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}

/** TypedArray.set from an array costs as much as a slot. */
function copyFour(image: Uint32Array, word: number, values: readonly number[]): void {
  for (let index = 0; index < 4; index++) {
    image[word + index] = values[index]!;
  }
}
