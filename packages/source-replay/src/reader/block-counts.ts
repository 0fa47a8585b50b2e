import { Kind, SLOT_BYTES } from '@sockflow/core';

import type { FrameHeader } from '../format/frame-header.ts';
import { BLOCK, KIND_COUNTS } from '../format/layout.ts';

/**
 * Whether what a block's header says of its slots can be true of any payload (F6, F7): a header with a right checksum that says otherwise was written wrongly, and counting
 * by it would make the books of a replay wrong. What it says truly of other slots only reading them would show.
 */
export function areCountsSound({ bytes }: FrameHeader): boolean {
  const slots = bytes.readUInt32LE(BLOCK.slotsOffset);
  const payloadBytes = bytes.readUInt32LE(BLOCK.payloadBytesOffset);
  if (slots * SLOT_BYTES > payloadBytes || (slots === 0) !== (payloadBytes === 0)) return false;
  let ofKinds = 0;
  for (let kind = 0; kind < KIND_COUNTS; kind++) {
    ofKinds += bytes.readUInt32LE(BLOCK.kindCountsOffset + kind * 4);
  }
  if (ofKinds !== slots) return false;
  const firstNs = bytes.readBigUInt64LE(BLOCK.firstTimeOffset);
  if (firstNs > bytes.readBigUInt64LE(BLOCK.lastTimeOffset)) return false;
  // A block without a bucket is in no lane; only clock anchors, which are in all of them, need none.
  const anchors = bytes.readUInt32LE(BLOCK.kindCountsOffset + Kind.CLOCK_ANCHOR * 4);
  return slots === anchors || bytes.readBigUInt64LE(BLOCK.laneBucketsOffset) !== 0n;
}
