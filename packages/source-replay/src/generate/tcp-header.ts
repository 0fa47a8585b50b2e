import { SLOT_WORDS, TcpFlag } from '@sockflow/core';

import { TCP_HEADER_TAG } from '../slot-words.ts';

/** Options as whole words in network order: how Linux lays them out. */
const MSS_OPTION = 0x02040000;
/** SACK permitted, then the kind and length of the timestamps option. */
const SACK_PERMITTED_TIMESTAMPS = 0x0402080a;
/** NOP, NOP, then the kind and length of the timestamps option. */
const NOP_NOP_TIMESTAMPS = 0x0101080a;
/** NOP, then window scale 10. */
const NOP_WINDOW_SCALE = 0x0103030a;
/** The option that a writing program adds: kind 254 (experiments, RFC 4727), 4 bytes. */
const EXPERIMENTAL_OPTION = 0xfe04eb9f;

const FIXED_WORDS = 5;
const MAX_TCP_FLAGS_IN_BYTE = 0xff;

/** What a captured TCP header says. */
export interface TcpHeader {
  sourcePort: number;
  destinationPort: number;
  seq: number;
  ack: number;
  tcpFlags: number;
  window: number;
  checksum: number;
  mssBytes: number;
  tsValue: number;
  tsEcho: number;
  hasExperimentalOption: boolean;
}

/** Writes the header as section 1 of the slot that starts at `slotWord`. @returns its length in bytes. */
export function writeTcpHeader(words: Uint32Array, slotWord: number, header: TcpHeader): number {
  const section = slotWord + SLOT_WORDS;
  let word = section + 1 + FIXED_WORDS;
  if ((header.tcpFlags & TcpFlag.SYN) === 0) {
    words[word++] = swap32(NOP_NOP_TIMESTAMPS);
    words[word++] = swap32(header.tsValue);
    words[word++] = swap32(header.tsEcho);
  } else {
    words[word++] = swap32(MSS_OPTION | header.mssBytes);
    words[word++] = swap32(SACK_PERMITTED_TIMESTAMPS);
    words[word++] = swap32(header.tsValue);
    words[word++] = swap32(header.tsEcho);
    words[word++] = swap32(NOP_WINDOW_SCALE);
  }
  if (header.hasExperimentalOption) {
    words[word++] = swap32(EXPERIMENTAL_OPTION);
  }
  const headerWords = word - section - 1;
  words[section] = TCP_HEADER_TAG | ((headerWords * 4) << 16);
  words[section + 1] = swap32((header.sourcePort << 16) | header.destinationPort);
  words[section + 2] = swap32(header.seq);
  words[section + 3] = swap32(header.ack);
  words[section + 4] = swap32(
    (headerWords << 28) | ((header.tcpFlags & MAX_TCP_FLAGS_IN_BYTE) << 16) | header.window,
  );
  words[section + 5] = swap32(header.checksum << 16);
  return headerWords * 4;
}

/** A word's bytes the other way round: network order in little-endian memory. */
function swap32(value: number): number {
  return (
    (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | ((value >>> 24) & 0xff)
  );
}
