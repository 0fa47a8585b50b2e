import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/* As bench/c/files.c writes them: a header that states the bytes of the slots behind it, and their CRC. */
const HEADER_BYTES = 832;
const BODY_BYTES_AT = 12;
const BODY_CRC_AT = 28;
const TIME_AT = 16;
const RING_HEADER_BYTES = 8;
const LENGTH_MASK = 0x3fffffff;

/** How many slots lie in a file of blocks that `copy` of files.c wrote, and the sum of the low words of their times, modulo 2^32. @throws Error where a block's CRC is wrong, or it is cut short */
export function contentOfBlocks(path: string): { count: number; checksum: number } {
  const fd = openSync(path, 'r');
  const header = Buffer.alloc(HEADER_BYTES);
  let [count, checksum] = [0, 0];
  try {
    while (readSync(fd, header) === HEADER_BYTES) {
      const body = Buffer.alloc(header.readUInt32LE(BODY_BYTES_AT));
      const isWhole = readSync(fd, body) === body.length;
      if (!isWhole || crc32(body) !== header.readUInt32LE(BODY_CRC_AT))
        throw new Error(`${path}: a damaged block`);
      for (let at = 0; at < body.length;) {
        checksum = (checksum + body.readUInt32LE(at + TIME_AT)) >>> 0;
        count++;
        at += (body.readUInt32LE(at) & LENGTH_MASK) + RING_HEADER_BYTES;
      }
    }
  } finally {
    closeSync(fd);
  }
  return { count, checksum };
}
