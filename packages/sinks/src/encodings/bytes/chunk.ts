/** What a chunk is at least, bytes: large enough for few system calls, small enough to stay in the second-level cache. */
export const CHUNK_BYTES: number = 256 * 1024;

const FIRST_ITEMS = 1024;

/**
 * Encoded bytes of whole items (events, markers, values), in order.
 *
 * OWNERSHIP: whoever gets it from ByteOutput gives it back with `release` once its bytes are no longer needed.
 */
export interface Chunk {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Bytes that count, from the start. */
  length: number;
  /** Items that end in it. */
  items: number;
  /** Offset at which each item ends, exclusive; entries from `items` on are rubbish. */
  itemEnds: Uint32Array;
  /** Events or values up to and with each item: markers are items but not counted. */
  itemCounts: Uint32Array;
}

/** A chunk with room for at least `minBytes`. */
export function newChunk(minBytes: number): Chunk {
  const capacity = Math.max(CHUNK_BYTES, minBytes);
  const buffer = new ArrayBuffer(capacity);
  return {
    bytes: new Uint8Array(buffer),
    view: new DataView(buffer),
    length: 0,
    items: 0,
    itemEnds: new Uint32Array(FIRST_ITEMS),
    itemCounts: new Uint32Array(FIRST_ITEMS),
  };
}

function grown(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** Notes that item `item` ends at `end`, `count` events or values up to and with it. */
export function endItemAt(chunk: Chunk, item: number, end: number, count: number): void {
  if (item === chunk.itemEnds.length) {
    chunk.itemEnds = grown(chunk.itemEnds);
    chunk.itemCounts = grown(chunk.itemCounts);
  }
  chunk.itemEnds[item] = end;
  chunk.itemCounts[item] = count;
}

/** How many items end within the first `bytes` of a chunk. */
export function itemsWithin(chunk: Chunk, bytes: number): number {
  let low = 0;
  let high = chunk.items;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (chunk.itemEnds[middle]! <= bytes) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where the first `items` items end. */
export function endOfItems(chunk: Chunk, items: number): number {
  return items === 0 ? 0 : chunk.itemEnds[items - 1]!;
}

/** Events and values among the first `items` items. */
export function countOfItems(chunk: Chunk, items: number): number {
  return items === 0 ? 0 : chunk.itemCounts[items - 1]!;
}
