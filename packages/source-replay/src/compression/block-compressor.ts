import { COMPRESSION_NUMBERS, type CheckedCompression } from './compression-options.ts';
import { loadLz4, loadZstdCompress, LZ4_PREFIX_BYTES } from './libraries.ts';

/** Compresses payloads of blocks, one after the other, in the thread of the writer. */
export interface BlockCompressor {
  /** As the block's header has it. */
  readonly number: number;
  /** @returns what is stored of a payload; not smaller in the end, maybe */
  compress(payload: Uint8Array): Uint8Array;
}

/**
 * @returns `undefined` where nothing is compressed
 * @throws ERR_SOCKFLOW_INVALID_OPTION where this machine cannot
 */
export function createCompressor({
  compression,
  level,
}: CheckedCompression): BlockCompressor | undefined {
  if (compression === 'none') return undefined;
  const number = COMPRESSION_NUMBERS[compression];
  if (compression === 'zstd') {
    const compress = loadZstdCompress(level);
    return { number, compress: (payload) => compress(asBuffer(payload)) };
  }
  const lz4 = loadLz4();
  return {
    number,
    compress: (payload) => lz4.compressSync(asBuffer(payload)).subarray(LZ4_PREFIX_BYTES),
  };
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
