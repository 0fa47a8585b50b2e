/*
 * The libraries that compress blocks, loaded when the first compressed block is met: who has none pays nothing. The only place that knows them; the choice, with figures, is
 * docs/adr/0010-block-compression.md.
 *
 *   lz4   lz4-napi, prebuilt, both ways
 *   zstd  node:zlib where it has zstd (22.15 and newer); else @toondepauw/node-zstd, prebuilt, and fzstd, JavaScript, for frames that may hold more than they should
 *
 * All are synchronous and are used in lanes' threads.
 */
import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';

import { ConfigError } from '@sockflow/core';

import { zstdContentBound } from './zstd-frame.ts';

/** Node has these from 22.15 on: not in the types of Node 20. */
interface ZlibZstd {
  readonly zstdCompressSync?: (bytes: Uint8Array, options: object) => Buffer;
  readonly zstdDecompressSync?: (bytes: Uint8Array, options: object) => Buffer;
  readonly constants: { readonly ZSTD_c_compressionLevel?: number };
}
interface Lz4Library {
  /** @returns the length of `bytes` as u32, and one block */
  compressSync(bytes: Buffer): Buffer;
  /** Takes what `compressSync` gives; allocates the length that is stated, never more. */
  uncompressSync(bytes: Uint8Array): Buffer;
}
interface NativeZstd {
  readonly Encoder: new (level: number) => { encodeSync(bytes: Buffer): Buffer };
  /** Allocates whatever a frame has. */
  readonly Decoder: new () => { decodeSync(bytes: Buffer): Buffer };
}
/** Some five times as slow, and stops where it is told to. */
interface ZstdStreams {
  readonly Decompress: new (take: (chunk: Uint8Array) => void) => {
    push(bytes: Uint8Array, isLast: boolean): void;
  };
}

/** Bytes before a block in what {@link Lz4Library} takes and gives. */
export const LZ4_PREFIX_BYTES = 4;

/** What may be allocated besides the payload: an encoder may end blocks early, and each counts as a full one. */
const SPARE_BYTES = 4 << 20;

const require = createRequire(import.meta.url);
const nodeZstd = zlib as unknown as ZlibZstd;

/** @throws ERR_SOCKFLOW_INVALID_OPTION where the library cannot be loaded on this machine */
function load(name: string, compression: string): unknown {
  try {
    return require(name);
  } catch (cause) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `${compression} is not available on ${process.platform}-${process.arch}, Node ${process.versions.node}: '${name}' cannot be loaded`,
      {
        cause,
        details: { option: 'compression', value: compression, library: name },
        remedy:
          'Use another compression, or install with optional dependencies on a platform that has it',
      },
    );
  }
}

/** @throws ERR_SOCKFLOW_INVALID_OPTION */
export function loadLz4(): Lz4Library {
  return load('lz4-napi', 'lz4') as Lz4Library;
}

/**
 * What compresses to one zstd frame.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function loadZstdCompress(level: number): (payload: Buffer) => Uint8Array {
  const { zstdCompressSync, constants } = nodeZstd;
  if (zstdCompressSync === undefined) {
    const { Encoder } = load('@toondepauw/node-zstd', 'zstd') as NativeZstd;
    const encoder = new Encoder(level);
    return (payload) => encoder.encodeSync(payload);
  }
  const params = { [constants.ZSTD_c_compressionLevel as number]: level };
  // One chunk takes all that can come out: by default it would come in pieces of 16 KiB.
  return (payload) =>
    zstdCompressSync(payload, { params, chunkSize: payload.length + (payload.length >> 7) + 1024 });
}

/** Decompresses frames into memory. @returns bytes of the content. @throws where it is no frame, or what is in it does not fit */
export type ZstdDecompress = (frame: Buffer, into: Uint8Array) => number;

/** @throws ERR_SOCKFLOW_INVALID_OPTION */
export function loadZstdDecompress(): ZstdDecompress {
  const { zstdDecompressSync } = nodeZstd;
  if (zstdDecompressSync === undefined) return loadZstdDecompressOfPackages();
  return (frame, into) => {
    // A byte more than can come: a chunk that is full would have it allocate another.
    const options = { maxOutputLength: into.length, chunkSize: into.length + 1 };
    const content = zstdDecompressSync(frame, options);
    into.set(content);
    return content.length;
  };
}

function loadZstdDecompressOfPackages(): ZstdDecompress {
  const { Decoder } = load('@toondepauw/node-zstd', 'zstd') as NativeZstd;
  const { Decompress } = load('fzstd', 'zstd') as ZstdStreams;
  const decoder = new Decoder();
  return (frame, into) => {
    if (zstdContentBound(frame) > into.length + SPARE_BYTES) {
      return decompressByChunks(Decompress, frame, into);
    }
    const content = decoder.decodeSync(frame);
    if (content.length <= into.length) into.set(content);
    return content.length;
  };
}

/** Chunk by chunk: at once, the library would allocate whatever a frame has. */
function decompressByChunks(
  Decompress: ZstdStreams['Decompress'],
  frame: Uint8Array,
  into: Uint8Array,
): number {
  let bytes = 0;
  const stream = new Decompress((chunk) => {
    if (bytes + chunk.length > into.length) throw new RangeError('more content than was stated');
    into.set(chunk, bytes);
    bytes += chunk.length;
  });
  stream.push(frame, true);
  return bytes;
}
