import { Kind, type SlotSpan } from '@sockflow/core';

import { ANY_CB, OP_MASK } from '../../../harness/bench-filter.ts';
import type { Found } from '../peer.ts';
import { everyFieldOfView } from './data-view-every.ts';
import { HAS } from './presence-masks.ts';
import type { SlotLoops } from './slot-loops.ts';

/** Loops with a DataView, field by field at their bytes, a u64 by `getBigUint64`. */
export const dataViewLoops: SlotLoops = {
  'five-fields': (spans) => ofOpEvents(spans, fiveFields),
  'every-field': (spans) => ofOpEvents(spans, everyField),
  filter: (spans) => ofOpEvents(spans, filter),
};

function ofOpEvents(
  spans: readonly SlotSpan[],
  read: (view: DataView, start: number, end: number) => Found,
): Found {
  let count = 0;
  let checksum = 0;
  for (const { memory, startWord, endWord } of spans) {
    const found = read(new DataView(memory.buffer), startWord * 4, endWord * 4);
    count += found.count;
    checksum = (checksum + found.checksum) | 0;
  }
  return { count, checksum: checksum >>> 0 };
}

function isOpEvent(view: DataView, at: number, length: number): boolean {
  return length >>> 30 === 0 && view.getUint8(at + 8) === Kind.OP;
}

/** Bytes from the header of a slot to the next one's. */
function step(length: number): number {
  return ((length & 0x3fffffff) + 15) & ~7;
}

function fiveFields(view: DataView, start: number, end: number): Found {
  let count = 0;
  let checksum = 0;
  for (let at = start; at < end;) {
    const length = view.getUint32(at, true);
    if (isOpEvent(view, at, length)) {
      count++;
      if ((view.getUint32(at + 56, true) & HAS.srttUs) !== 0) {
        const first = (view.getUint32(at + 172, true) >>> 3) + view.getUint32(at + 168, true);
        const second = view.getUint32(at + 216, true) + view.getUint16(at + 42, true);
        checksum = (checksum + first + second + Number(view.getBigUint64(at + 152, true))) | 0;
      }
    }
    at += step(length);
  }
  return { count, checksum };
}

function everyField(view: DataView, start: number, end: number): Found {
  let count = 0;
  let checksum = 0;
  for (let at = start; at < end;) {
    const length = view.getUint32(at, true);
    if (isOpEvent(view, at, length)) {
      count++;
      checksum = (checksum + everyFieldOfView(view, at)) | 0;
    }
    at += step(length);
  }
  return { count, checksum };
}

function filter(view: DataView, start: number, end: number): Found {
  let count = 0;
  for (let at = start; at < end;) {
    const length = view.getUint32(at, true);
    const op = view.getUint8(at + 9);
    if (
      isOpEvent(view, at, length) &&
      op < 32 &&
      ((OP_MASK >>> op) & 1) !== 0 &&
      (view.getUint32(at + 56, true) & HAS.cbFlags) !== 0 &&
      (view.getUint8(at + 10) & ANY_CB) !== 0
    )
      count++;
    at += step(length);
  }
  return { count, checksum: 0 };
}
