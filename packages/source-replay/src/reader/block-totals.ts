import { Kind } from '@sockflow/core';

import { BLOCK, FRAME } from '../format/layout.ts';

const SLOTS_WORD = BLOCK.slotsOffset / 4;
const LOSS_MARKERS_WORD = BLOCK.kindCountsOffset / 4 + Kind.LOSS_MARKER;
const CLOCK_ANCHORS_WORD = BLOCK.kindCountsOffset / 4 + Kind.CLOCK_ANCHOR;
const BODY_BYTES_WORD = FRAME.bodyBytesOffset / 4;
const PAYLOAD_BYTES_WORD = BLOCK.payloadBytesOffset / 4;
const FIRST_TIME_WORD = BLOCK.firstTimeOffset / 4;
const LAST_TIME_WORD = BLOCK.lastTimeOffset / 4;

/** What the headers of a table tell of all its blocks. */
export interface BlockTotals {
  /** Slots that are not markers. */
  readonly events: number;
  readonly markers: number;
  readonly clockAnchors: number;
  /** As they lie in the file. */
  readonly bodyBytes: number;
  readonly largestPayloadBytes: number;
  /** Rows of the blocks that begin first and end last; 0 where there is none. */
  readonly firstRow: number;
  readonly lastRow: number;
}

/**
 * Adds up the headers that lie at `rows` of `words`: all in one pass, since each pass over those of 10 GB goes through more memory than the processor's cache has.
 */
export function blockTotals(words: Uint32Array, rows: Uint32Array): BlockTotals {
  let slots = 0;
  let lossMarkers = 0;
  let clockAnchors = 0;
  let bodyBytes = 0;
  let largestPayloadBytes = 0;
  let [firstRow, lastRow] = [0, 0];
  for (let row = 0; row < rows.length; row++) {
    const word = rows[row] as number;
    slots += words[word + SLOTS_WORD] as number;
    lossMarkers += words[word + LOSS_MARKERS_WORD] as number;
    clockAnchors += words[word + CLOCK_ANCHORS_WORD] as number;
    bodyBytes += words[word + BODY_BYTES_WORD] as number;
    const payloadBytes = words[word + PAYLOAD_BYTES_WORD] as number;
    if (payloadBytes > largestPayloadBytes) largestPayloadBytes = payloadBytes;
    const first = rows[firstRow] as number;
    if (isBefore(words, word + FIRST_TIME_WORD, first + FIRST_TIME_WORD)) firstRow = row;
    const last = rows[lastRow] as number;
    if (isBefore(words, last + LAST_TIME_WORD, word + LAST_TIME_WORD)) lastRow = row;
  }
  const markers = lossMarkers + clockAnchors;
  return {
    events: slots - markers,
    markers,
    clockAnchors,
    bodyBytes,
    largestPayloadBytes,
    firstRow,
    lastRow,
  };
}

function isBefore(words: Uint32Array, one: number, other: number): boolean {
  const oneHigh = words[one + 1] as number;
  const otherHigh = words[other + 1] as number;
  return (
    oneHigh < otherHigh ||
    (oneHigh === otherHigh && (words[one] as number) < (words[other] as number))
  );
}
