import {
  Kind,
  Op,
  SLOT_LENGTH,
  SLOT_WITH_HEADER_BYTES,
  SLOT_WORDS,
  stampPresence,
  TcpFlag,
  TcpState,
} from '@sockflow/core';

import { copySlot } from '../copy-slot.ts';
import { SHIFT, WORD } from '../slot-words.ts';
import { FlowSlots } from './flow-slots.ts';
import type { Random } from './random.ts';
import type { SlotPages } from './slot-pages.ts';
import { setLong, TcpEnd } from './tcp-end.ts';
import { type TcpHeader, writeTcpHeader } from './tcp-header.ts';

const HEADER_SLOT_WORDS = SLOT_WITH_HEADER_BYTES / 4;
const ALL_CAPTURED = 0xffffffff;
const FAMILY_AND_FULLSOCK = 0x1f;
const SYN_ACK = TcpFlag.SYN | TcpFlag.ACK;
const NS_PER_MS = 1_000_000;
/** Two events of one callback chain lie this far apart on the kernels we measured. */
const SHORTEST_GAP_NS = 300;
const LONGEST_GAP_NS = 2_600;

/**
 * One connection from its first event to its last, both ends in one story: a script (scripts/) tells it once, in order of time, and the events that it emits
 * lie here as finished slots until their time comes (simulation.ts). `nowNs` is the story's clock.
 */
export class Flow {
  readonly client: TcpEnd;
  readonly server: TcpEnd;
  readonly random: Random;
  /** The slot of the server's request socket, which shares cookie, ports and addresses with the child. */
  readonly requestImage: Uint32Array;
  readonly requestBig: BigUint64Array;
  nowNs: number;
  /** Time on the wire, one way, ns. */
  delayNs: number;
  /** Whether travelling takes `delayNs` in the mean: only where round trips were asked for. */
  isDelayMean: boolean;
  /** Share of the segments with data, SYN or FIN that the path loses. */
  lossRatio: number;
  /** Whether somebody said how much is lost, be it nothing: then no story has a lost SYN of its own. */
  isLossGiven: boolean;
  /** Payload that the connection is still to carry, both ways together; infinite where nobody says how much. */
  bytesLeft: number;
  hasEcn: boolean;
  profileIndex: number;
  /** The client's local port, to be given back with the last event; 0 where there is nothing to give back. */
  portToRelease: number;
  netnsIndex: number;

  /** Where its events lie until they leave. */
  readonly slots: FlowSlots;

  readonly #header: TcpHeader;

  constructor(random: Random, pages: SlotPages) {
    this.client = new TcpEnd();
    this.server = new TcpEnd();
    this.random = random;
    this.requestImage = new Uint32Array(new ArrayBuffer(SLOT_WORDS * 4));
    this.requestBig = new BigUint64Array(this.requestImage.buffer);
    this.nowNs = 0;
    this.delayNs = 0;
    this.isDelayMean = false;
    this.lossRatio = 0;
    this.isLossGiven = false;
    this.bytesLeft = Infinity;
    this.hasEcn = false;
    this.profileIndex = 0;
    this.portToRelease = 0;
    this.netnsIndex = 0;
    this.slots = new FlowSlots(pages);
    this.#header = {
      sourcePort: 0,
      destinationPort: 0,
      seq: 0,
      ack: 0,
      tcpFlags: 0,
      window: 0,
      checksum: 0,
      mssBytes: 0,
      tsValue: 0,
      tsEcho: 0,
      hasExperimentalOption: false,
    };
  }

  restart(startNs: number): void {
    this.slots.restart();
    this.nowNs = startNs;
    this.client.events = 0;
    this.server.events = 0;
    this.client.record?.restart();
    this.server.record?.restart();
  }

  wait(durationNs: number): void {
    this.nowNs += durationNs;
  }

  /** One way through the network, a little longer or shorter each time. */
  travel(): void {
    const { delayNs } = this;
    this.nowNs += this.isDelayMean
      ? delayNs + this.random.below(Math.floor(delayNs / 16)) - Math.floor(delayNs / 32)
      : delayNs + this.random.below(1000 + delayNs / 8);
  }

  /** Whether the path loses the segment that is on its way. */
  isLost(): boolean {
    return this.lossRatio > 0 && this.random.chance(this.lossRatio);
  }

  /** How many of `bytes` the connection still may carry; they count as carried. */
  take(bytes: number): number {
    if (this.bytesLeft === Infinity) {
      return bytes;
    }
    const taken = Math.min(bytes, this.bytesLeft);
    this.bytesLeft -= taken;
    return taken;
  }

  /** Keeps a byte for what a story is about, where there are bytes to be kept; `takeKept` takes it, and more where there are. */
  keepBack(): void {
    this.bytesLeft -= 1;
  }

  takeKept(bytes: number): number {
    return this.bytesLeft === Infinity ? bytes : 1 + this.take(bytes - 1);
  }

  /** Ends the story: what the script goes on to tell, nobody sees. */
  end(): void {
    this.client.isObserved = false;
    this.server.isObserved = false;
    this.bytesLeft = Math.min(this.bytesLeft, 0);
  }

  /** Flags of the SYN-ACK on the wire. */
  get synAckFlags(): number {
    return this.hasEcn ? SYN_ACK | TcpFlag.ECE : SYN_ACK;
  }

  peerOf(end: TcpEnd): TcpEnd {
    return end === this.client ? this.server : this.client;
  }

  /** An event of a full socket without a segment. */
  emit(end: TcpEnd, op: Op, arg0 = 0, arg1 = 0): void {
    this.#tick();
    if (end.isObserved) {
      const slot = this.#copy(end.big, end.image, op, SLOT_WORDS);
      const words = this.slots.words;
      words[slot + WORD.args] = arg0;
      words[slot + WORD.args + 1] = arg1;
      stampPresence(words, slot, ALL_CAPTURED, ALL_CAPTURED);
      this.#count(end);
    }
  }

  /** Changes the state, with the event that goes before it: the context still has the old one. */
  emitState(end: TcpEnd, state: TcpState): void {
    this.emit(end, Op.STATE_CB, end.state, state);
    if (end.isObserved) {
      end.record?.noteState(end.state, state, end.skErr);
    }
    end.setState(state);
  }

  /** HDR_OPT_LEN_CB: the flags and payload of the segment to come; nothing with `mode` 1, which only asks for the room. */
  emitHeaderLength(end: TcpEnd, mode: number, tcpFlags: number, payloadBytes: number): void {
    this.#tick();
    if (end.isObserved) {
      const slot = this.#copy(end.big, end.image, Op.HDR_OPT_LEN_CB, SLOT_WORDS);
      this.#asSegment(slot, tcpFlags, payloadBytes);
      this.slots.words[slot + WORD.args] = mode;
      stampPresence(this.slots.words, slot, ALL_CAPTURED, ALL_CAPTURED);
      this.#count(end);
    }
  }

  /** An event with the header of a segment that the end received (ops 4, 5, 13). */
  emitReceived(end: TcpEnd, op: Op, tcpFlags: number, seq: number, payloadBytes: number): void {
    this.#tick();
    if (end.isObserved) {
      const peer = this.peerOf(end);
      const header = this.#fillHeader(end, tcpFlags, seq, end.image[WORD.sndNxt]!);
      header.sourcePort = end.remotePort;
      header.destinationPort = localPortOf(end);
      header.checksum = this.random.below(0x10000);
      header.tsValue = this.#timestamp(peer);
      header.tsEcho = this.#timestamp(end);
      this.#emitWithHeader(end, op, header, payloadBytes);
      this.#count(end);
    }
  }

  /** WRITE_HDR_OPT_CB: the header as it is being built; no checksum yet. */
  emitWritten(end: TcpEnd, tcpFlags: number, seq: number, payloadBytes: number): void {
    this.#tick();
    if (end.isObserved) {
      const header = this.#fillHeader(end, tcpFlags, seq, end.image[WORD.rcvNxt]!);
      header.sourcePort = localPortOf(end);
      header.destinationPort = end.remotePort;
      header.checksum = 0;
      header.tsValue = this.#timestamp(end);
      header.tsEcho = header.ack === 0 ? 0 : this.#timestamp(this.peerOf(end));
      this.#emitWithHeader(end, Op.WRITE_HDR_OPT_CB, header, payloadBytes);
      this.#count(end);
    }
  }

  /** An event of the server's request socket: addresses and the cookie that the child will have, nothing else; `roomWords`: what is free from its slot on. */
  emitRequest(op: Op, roomWords: number = SLOT_WORDS): number {
    this.#tick();
    if (!this.server.isObserved) {
      return -1;
    }
    const { requestImage } = this;
    requestImage[WORD.cpu] = this.server.cpu;
    const slot = this.#copy(this.requestBig, requestImage, op, SLOT_WORDS, roomWords);
    stampPresence(this.slots.words, slot, ALL_CAPTURED, ALL_CAPTURED);
    this.#count(this.server);
    return slot;
  }

  /** HDR_OPT_LEN_CB and, where the end writes options, WRITE_HDR_OPT_CB of the SYN-ACK, on the request socket. */
  emitRequestHeader(): void {
    const slot = this.emitRequest(Op.HDR_OPT_LEN_CB);
    if (slot >= 0) {
      this.#asSegment(slot, SYN_ACK, 0);
      stampPresence(this.slots.words, slot, ALL_CAPTURED, ALL_CAPTURED);
    }
    if (this.server.writesOption) {
      this.#emitRequestWritten();
    }
  }

  /**
   * The RTT sample of a second child that another CPU made of the same request and threw away: seen on live kernels right after the first one's
   * establishment, with its cookie, no local port and state CLOSE.
   */
  emitTwin(sampleUs: number): void {
    this.#tick();
    const { server } = this;
    if (server.isObserved) {
      const slot = this.#copy(server.big, server.image, Op.RTT_CB, SLOT_WORDS);
      const twin = this.slots.words;
      twin[slot + WORD.kind] =
        (twin[slot + WORD.kind]! & ((1 << SHIFT.state) - 1)) | (TcpState.CLOSE << SHIFT.state);
      twin[slot + WORD.ports] = twin[slot + WORD.ports]! & 0xffff;
      twin[slot + WORD.srtt] = 0;
      twin[slot + WORD.rttMin] = sampleUs;
      twin[slot + WORD.segsIn] = 1;
      twin[slot + WORD.args] = sampleUs;
      twin[slot + WORD.args + 1] = sampleUs * 8;
      stampPresence(twin, slot, ALL_CAPTURED, ALL_CAPTURED);
      this.#count(server);
    }
  }

  /** An event of ops 16-20: the kernel gives no field of the tcp_sock, and socket storage gives no owner. */
  emitTimestamp(end: TcpEnd, op: Op, skbLen: number, tcpFlags: number, tskey: number): number {
    this.#tick();
    if (!end.isObserved) {
      return -1;
    }
    const slot = this.#copy(end.big, end.image, op, SLOT_WORDS);
    const words = this.slots.words;
    words.fill(0, slot + WORD.ownerComm, slot + SLOT_WORDS);
    words[slot + WORD.ownerPid] = 0;
    words[slot + WORD.kind] = Kind.OP | (op << SHIFT.op) | (end.state << SHIFT.state);
    words[slot + WORD.flags] =
      tcpFlags | (end.image[WORD.flags]! & (FAMILY_AND_FULLSOCK << SHIFT.family));
    words[slot + WORD.skbLen] = skbLen;
    words[slot + WORD.tskey] = tskey;
    stampPresence(words, slot, ALL_CAPTURED, ALL_CAPTURED);
    this.#count(end);
    return slot;
  }

  /** Writes the hardware's time stamp into the TSTAMP_SND_HW_CB just emitted. */
  setHardwareTime(slot: number, hardwareNs: number): void {
    if (slot >= 0) {
      setLong(this.slots.words, slot + WORD.hwtstamp, hardwareNs);
      stampPresence(this.slots.words, slot, ALL_CAPTURED, ALL_CAPTURED);
    }
  }

  #emitRequestWritten(): void {
    const slot = this.emitRequest(Op.WRITE_HDR_OPT_CB, HEADER_SLOT_WORDS);
    if (slot < 0) {
      return;
    }
    this.slots.lengthen(HEADER_SLOT_WORDS - SLOT_WORDS);
    const { server, client } = this;
    const header = this.#fillHeader(server, this.synAckFlags, server.iss, client.iss + 1);
    header.sourcePort = localPortOf(server);
    header.destinationPort = server.remotePort;
    header.checksum = 0;
    header.tsValue = this.#timestamp(server);
    header.tsEcho = this.#timestamp(client);
    this.#addHeader(slot, header, 0, SYN_ACK);
  }

  #emitWithHeader(end: TcpEnd, op: Op, header: TcpHeader, payloadBytes: number): void {
    const slot = this.#copy(end.big, end.image, op, HEADER_SLOT_WORDS);
    this.#addHeader(slot, header, payloadBytes, header.tcpFlags);
  }

  /** `skbFlags`: what skb_tcp_flags says; a request socket's do not have the header's ECE. */
  #addHeader(slot: number, header: TcpHeader, payloadBytes: number, skbFlags: number): void {
    const words = this.slots.words;
    words.fill(0, slot + SLOT_WORDS, slot + HEADER_SLOT_WORDS);
    words[slot] = SLOT_LENGTH + (HEADER_SLOT_WORDS - SLOT_WORDS) * 4;
    const headerBytes = writeTcpHeader(words, slot, header);
    this.#asSegment(slot, skbFlags, headerBytes + payloadBytes);
    words[slot + WORD.flags] = words[slot + WORD.flags]! | (1 << SHIFT.hasSkb);
    stampPresence(words, slot, ALL_CAPTURED, ALL_CAPTURED);
  }

  #asSegment(slot: number, tcpFlags: number, bytes: number): void {
    const words = this.slots.words;
    words[slot + WORD.flags] = words[slot + WORD.flags]! | (tcpFlags << SHIFT.tcpFlags);
    words[slot + WORD.skbLen] = bytes;
  }

  #fillHeader(end: TcpEnd, tcpFlags: number, seq: number, ack: number): TcpHeader {
    const header = this.#header;
    header.tcpFlags = tcpFlags;
    header.seq = seq;
    header.ack = ack;
    header.window = 0x3f + this.random.below(0x200);
    header.mssBytes = end.image[WORD.mss]! + 12;
    header.hasExperimentalOption = end.writesOption;
    return header;
  }

  #timestamp(end: TcpEnd): number {
    return (end.timestampBaseMs + Math.floor(this.nowNs / NS_PER_MS)) >>> 0;
  }

  /** An event of this end has been emitted. */
  #count(end: TcpEnd): void {
    end.events++;
    if (end.record !== undefined) {
      end.record.noteEvent(this.nowNs, end.image);
    }
  }

  #tick(): void {
    this.nowNs += this.random.between(SHORTEST_GAP_NS, LONGEST_GAP_NS);
  }

  #copy(
    big: BigUint64Array,
    image: Uint32Array,
    op: Op,
    slotWords: number,
    roomWords: number = slotWords,
  ): number {
    const { slots } = this;
    const slot = slots.begin(slotWords, roomWords);
    const { words } = slots;
    copySlot(slots.big, slot, big, 0, SLOT_WORDS);
    words[slot + WORD.kind] = image[WORD.kind]! | (op << SHIFT.op);
    words[slot + WORD.time] = this.nowNs;
    words[slot + WORD.time + 1] = Math.floor(this.nowNs / 4294967296);
    return slot;
  }
}

function localPortOf(end: TcpEnd): number {
  return end.image[WORD.ports]! >>> SHIFT.localPort;
}
