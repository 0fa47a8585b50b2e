import { once } from 'node:events';
import type { Transform } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as zlib from 'node:zlib';

import { ConfigError } from '@sockflow/core';

import { unknownName } from '../unknown-name.ts';

/** How a file's bytes are compressed. */
export type Compression = 'gzip' | 'zstd';

/** A stream of Node's zlib: what zstd's is, too. */
interface ZlibStream extends Transform {
  flush(kind: number, done: () => void): void;
}
/** Node has it from 22.15 on: not in the types of Node 20. */
type CreateZstd = (options: object) => ZlibStream;

/** The level is that of most speed for its size: what comes of a second of events must not take one. */
const GZIP_LEVEL = 4;
const ZSTD_FLUSH = 1;
const SUFFIXES: Readonly<Record<Compression, string>> = { gzip: '.gz', zstd: '.zst' };
const NAMES = Object.keys(SUFFIXES) as Compression[];

/** What a compressed file's name ends with. */
export function compressionSuffix(compression: Compression | undefined): string {
  return compression === undefined ? '' : SUFFIXES[compression];
}

/** The compression that a file's name tells. */
export function compressionByName(path: string): Compression | undefined {
  return NAMES.find((name) => path.endsWith(SUFFIXES[name]));
}

/** A file's name without what says that it is compressed. */
export function uncompressedName(path: string): string {
  return path.slice(0, path.length - compressionSuffix(compressionByName(path)).length);
}

/** @throws ERR_SOCKFLOW_UNKNOWN_NAME, ERR_SOCKFLOW_INVALID_OPTION where this Node cannot */
export function checkedCompression(name: string | undefined): Compression | undefined {
  if (name === undefined) return undefined;
  if (!isName(name)) throw unknownName('compression', name, NAMES);
  if (name === 'zstd') zstdOf();
  return name;
}

function isName(name: string): name is Compression {
  return Object.hasOwn(SUFFIXES, name);
}

function zstdOf(): CreateZstd {
  const { createZstdCompress } = zlib as { createZstdCompress?: CreateZstd };
  if (createZstdCompress !== undefined) return createZstdCompress;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `Node ${process.versions.node} has no zstd, expected 22.15 or newer`,
    { remedy: 'Use gzip, or a newer Node', details: { option: 'compress', value: 'zstd' } },
  );
}

function createStream(compression: Compression): { stream: ZlibStream; flushKind: number } {
  if (compression === 'zstd') return { stream: zstdOf()({}), flushKind: ZSTD_FLUSH };
  return {
    stream: zlib.createGzip({ level: GZIP_LEVEL }),
    flushKind: zlib.constants.Z_SYNC_FLUSH,
  };
}

/**
 * Compresses one part, as one gzip member or zstd frame, in Node's thread pool. Calls must not overlap.
 *
 * After `flush` whoever reads what came out so far gets all that went in, also where no end follows: so a part that is cut there is read up to it.
 */
export class Compressor {
  readonly #stream: ZlibStream;
  readonly #flushKind: number;
  #ready: Uint8Array[];

  constructor(compression: Compression) {
    const { stream, flushKind } = createStream(compression);
    this.#stream = stream;
    this.#flushKind = flushKind;
    this.#ready = [];
    stream.on('data', (bytes: Uint8Array) => this.#ready.push(bytes));
  }

  /** Takes bytes, which may be reused once it has settled. @returns what is ready to be written */
  async write(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    await this.#settled((done) => this.#stream.write(bytes, done));
    return this.#take();
  }

  async flush(): Promise<readonly Uint8Array[]> {
    await this.#settled((done) => this.#stream.flush(this.#flushKind, done));
    return this.#take();
  }

  async end(): Promise<readonly Uint8Array[]> {
    const ended = once(this.#stream, 'end');
    this.#stream.end();
    await ended;
    return this.#take();
  }

  /** Gives up: frees what the stream holds. */
  destroy(): void {
    this.#stream.destroy();
  }

  async #settled(act: (done: (error?: Error | null) => void) => void): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      act((error) => (error === undefined || error === null ? resolve() : reject(error)));
    });
    // What was pushed before the callback is handed out at once, unless somebody reads: then within a turn.
    while (this.#stream.readableLength > 0) await nextTurn();
  }

  #take(): readonly Uint8Array[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }
}
