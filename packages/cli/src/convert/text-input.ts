import { open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { CommandError } from '../errors.ts';
import { explainErrno } from '../terminal/errno.ts';

/** The name of the standard input and output on the command line. */
export const STDIO = '-';
const GZIP_MAGIC_LENGTH = 2;
const READ_BYTES = 1 << 18;

/** A text input, decompressed where its first bytes say gzip, whatever it is called. */
export interface TextInput {
  /** As a user names it. */
  readonly name: string;
  readonly chunks: AsyncIterable<Buffer>;
  /** Bytes of the file, to measure progress by; `undefined` for what has no size. */
  readonly totalBytes: number | undefined;
  /** Bytes taken from the file so far, before decompression. */
  readonly bytesRead: () => number;
  /** Ends the reading at once, whatever it waits for. */
  readonly close: () => void;
}

/**
 * Opens a file, or the standard input where `path` is `-`.
 *
 * @throws ERR_SOCKFLOW_INPUT_FILE when it cannot be opened.
 */
export async function openTextInput(path: string): Promise<TextInput> {
  const { raw, totalBytes } =
    path === STDIO ? { raw: process.stdin, totalBytes: undefined } : await openFile(path);
  let bytesRead = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of raw as AsyncIterable<Buffer>) {
      bytesRead += chunk.length;
      yield chunk;
    }
  }
  return {
    name: path === STDIO ? 'standard input' : path,
    chunks: decompressed(counted()),
    totalBytes,
    bytesRead: () => bytesRead,
    close: () => void raw.destroy(),
  };
}

async function openFile(path: string): Promise<{ raw: Readable; totalBytes: number | undefined }> {
  try {
    const file = await open(path);
    const stats = await file.stat();
    if (stats.isDirectory()) {
      await file.close();
      throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    }
    const raw = file.createReadStream({ highWaterMark: READ_BYTES });
    return { raw, totalBytes: stats.isFile() ? stats.size : undefined };
  } catch (cause) {
    throw new CommandError(
      'ERR_SOCKFLOW_INPUT_FILE',
      `cannot read the input: ${explainErrno(cause)}`,
      {
        details: { place: path },
        remedy: 'Give a file that can be read, or - for the standard input',
        cause,
      },
    );
  }
}

async function* decompressed(raw: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < GZIP_MAGIC_LENGTH) {
    const next = await raw.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* whole(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head;
    yield* raw;
  }
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* whole();
    return;
  }
  const gunzip = createGunzip({ chunkSize: READ_BYTES });
  // Its errors come out of `gunzip`; without a callback they would come a second time.
  pipeline(Readable.from(whole()), gunzip, () => {});
  yield* gunzip as AsyncIterable<Buffer>;
}
