import { LENGTH_MASK, SLOT_WORDS } from '@sockflow/core';

import { SHIFT, TCP_HEADER_TAG, WORD } from '../slot-words.ts';

const SECTION_WORD = SLOT_WORDS;
const TWO_POW_32 = 4294967296;

/** The raw fields of one slot, as they lie; moved from slot to slot by its owner. VALID UNTIL the span's memory is given back. */
export class EventCursor {
  words: Uint32Array;
  slot: number;

  constructor() {
    this.words = new Uint32Array(0);
    this.slot = 0;
  }

  /** A word of the slot, by its index (slot-words.ts). */
  word(index: number): number {
    return this.words[this.slot + index]!;
  }

  /** A u64 as a number: exact below 2^53. */
  long(index: number): number {
    return this.word(index) + this.word(index + 1) * TWO_POW_32;
  }

  arg(index: number): number {
    return this.word(WORD.args + index);
  }

  get kind(): number {
    return this.word(WORD.kind) & 0xff;
  }
  get op(): number {
    return (this.word(WORD.kind) >>> SHIFT.op) & 0xff;
  }
  get cbFlags(): number {
    return (this.word(WORD.kind) >>> SHIFT.cbFlags) & 0xff;
  }
  get state(): number {
    return this.word(WORD.kind) >>> SHIFT.state;
  }
  get tcpFlags(): number {
    return this.word(WORD.flags) & 0xffff;
  }
  get family(): number {
    return (this.word(WORD.flags) >>> SHIFT.family) & 15;
  }
  get isFullsock(): boolean {
    return ((this.word(WORD.flags) >>> SHIFT.isFullsock) & 1) === 1;
  }
  get role(): number {
    return (this.word(WORD.flags) >>> SHIFT.role) & 3;
  }
  get hasSkb(): boolean {
    return this.word(WORD.flags) >>> SHIFT.hasSkb === 1;
  }
  get skErr(): number {
    return this.word(WORD.cpu) >>> SHIFT.skErr;
  }
  /** Network order, as a little-endian u16. */
  get remotePort(): number {
    const swapped = this.word(WORD.ports) & 0xffff;
    return ((swapped & 0xff) << 8) | (swapped >>> 8);
  }
  get localPort(): number {
    return this.word(WORD.ports) >>> SHIFT.localPort;
  }

  /** Whether the field's presence bit is set. */
  has(presenceBit: number): boolean {
    return ((this.word(WORD.presence + (presenceBit >>> 5)) >>> (presenceBit & 31)) & 1) === 1;
  }

  /** Bytes of the captured TCP header; 0 where there is none. */
  get headerBytes(): number {
    const section = this.slot + SECTION_WORD;
    if ((this.words[this.slot]! & LENGTH_MASK) + 8 <= SECTION_WORD * 4) {
      return 0;
    }
    const head = this.words[section]!;
    return (head & 0xffff) === TCP_HEADER_TAG ? head >>> 16 : 0;
  }

  /** A word of the captured header, in host order. */
  headerWord(index: number): number {
    const word = this.words[this.slot + SECTION_WORD + 1 + index]!;
    return (
      ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | ((word >>> 24) & 0xff)) >>>
      0
    );
  }
}
