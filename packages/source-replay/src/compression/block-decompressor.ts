import { COMPRESSION_LZ4 } from '../format/layout.ts';
import { loadLz4, loadZstdDecompress, LZ4_PREFIX_BYTES, type ZstdDecompress } from './libraries.ts';
import { MAX_WINDOW_BYTES, zstdContentBound, zstdWindowBytes } from './zstd-frame.ts';

type Lz4Library = ReturnType<typeof loadLz4>;

/** Bytes that must lie before what is stored: a library wants the length there. */
export const STORED_PREFIX_BYTES: number = LZ4_PREFIX_BYTES;

/**
 * Decompresses blocks in the thread of their reader. Memory is bounded by what the header states: the payload, and for zstd a window of at most 16 MiB (F16, F17).
 *
 * Libraries are loaded when the first block wants them.
 */
export class BlockDecompressor {
  #lz4: Lz4Library | undefined;
  #zstd: ZstdDecompress | undefined;

  /**
   * @param compression - 1 or 2, as the block's header has it
   * @param stored - what is stored, from {@link STORED_PREFIX_BYTES} on; the prefix is written over
   * @param payload - as long as the header states; written only where it returns true, or in part where what is stored is no such payload
   * @returns whether exactly the payload came out
   * @throws ERR_SOCKFLOW_INVALID_OPTION where this machine has no such library
   */
  decompress(compression: number, stored: Buffer, payload: Uint8Array): boolean {
    if (compression === COMPRESSION_LZ4) {
      this.#lz4 ??= loadLz4();
      return decompressLz4(this.#lz4, stored, payload);
    }
    this.#zstd ??= loadZstdDecompress();
    return decompressZstd(this.#zstd, stored.subarray(STORED_PREFIX_BYTES), payload);
  }
}

function decompressLz4(lz4: Lz4Library, stored: Buffer, payload: Uint8Array): boolean {
  stored.writeUInt32LE(payload.length, 0);
  let content: Buffer;
  try {
    content = lz4.uncompressSync(stored);
  } catch {
    return false;
  }
  if (content.length !== payload.length) return false;
  payload.set(content);
  return true;
}

function decompressZstd(zstd: ZstdDecompress, frame: Buffer, payload: Uint8Array): boolean {
  const windowBytes = zstdWindowBytes(frame);
  if (windowBytes === undefined || windowBytes > MAX_WINDOW_BYTES) return false;
  // One frame and nothing behind it: libraries differ in what they make of more.
  if (zstdContentBound(frame) === Infinity) return false;
  try {
    return zstd(frame, payload) === payload.length;
  } catch {
    return false;
  }
}
