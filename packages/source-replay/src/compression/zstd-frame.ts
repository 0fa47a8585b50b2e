const MAGIC = 0xfd2fb528;
const DESCRIPTOR_OFFSET = 4;
const BLOCK_HEADER_BYTES = 3;
const MAX_BLOCK_BYTES = 128 << 10;
const RAW = 0;
const RLE = 1;
/** Of a frame's checksum, where it has one. */
const CHECKSUM_BYTES = 4;
/** F17: a frame that wants a greater window is refused, as its reader would have to allocate it. */
export const MAX_WINDOW_BYTES: number = 16 << 20;

/**
 * Bytes of the window that a zstd frame asks its reader for, as RFC 8878 has them (3.1.1.1).
 *
 * @returns `undefined` where the bytes do not begin with a frame
 */
export function zstdWindowBytes(frame: Buffer): number | undefined {
  if (frame.length < 6 || frame.readUInt32LE(0) !== MAGIC) return undefined;
  const descriptor = frame[DESCRIPTOR_OFFSET] as number;
  if (!isSingleSegment(descriptor)) {
    const window = frame[5] as number;
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  // A single segment is its own window.
  const at = 5 + idBytes(descriptor);
  const sizeBytes = contentSizeBytes(descriptor);
  if (frame.length < at + sizeBytes) return undefined;
  if (sizeBytes === 8) return Number(frame.readBigUInt64LE(at));
  return frame.readUIntLE(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
}

/**
 * What the content of one zstd frame can be at most, by the headers of its blocks (3.1.1.2): a compressed one says nothing of its content, which is at most 128 KiB.
 *
 * @param frame - begins with a frame, as {@link zstdWindowBytes} has found
 * @returns `Infinity` where it is cut, or something follows it
 */
export function zstdContentBound(frame: Buffer): number {
  const descriptor = frame[DESCRIPTOR_OFFSET] as number;
  const windowField = isSingleSegment(descriptor) ? 0 : 1;
  let at = 5 + windowField + idBytes(descriptor) + contentSizeBytes(descriptor);
  let bound = 0;
  for (let isLast = false; !isLast;) {
    if (at + BLOCK_HEADER_BYTES > frame.length) return Infinity;
    const header = frame.readUIntLE(at, BLOCK_HEADER_BYTES);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    isLast = (header & 1) !== 0;
    bound += type === RAW || type === RLE ? size : MAX_BLOCK_BYTES;
    at += BLOCK_HEADER_BYTES + (type === RLE ? 1 : size);
  }
  const end = at + ((descriptor & 4) === 0 ? 0 : CHECKSUM_BYTES);
  return end === frame.length ? bound : Infinity;
}

function isSingleSegment(descriptor: number): boolean {
  return (descriptor & 0x20) !== 0;
}

/** Of the id of a dictionary. */
function idBytes(descriptor: number): number {
  return [0, 1, 2, 4][descriptor & 3] as number;
}

function contentSizeBytes(descriptor: number): number {
  const flag = descriptor >> 6;
  return flag === 0 && !isSingleSegment(descriptor) ? 0 : 1 << flag;
}
