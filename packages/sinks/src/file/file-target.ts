import { ftruncateSync, writeSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';

import { UNFINISHED_SUFFIX } from '@sockflow/source-replay/part-names';

import type { ByteTarget } from '../writer/byte-target.ts';
import { ioError } from './io-error.ts';

/** A file that is called NAME.part until it is complete. What `write` took survives the process, not the machine: nothing is fsynced. */
export class FileTarget implements ByteTarget {
  readonly maxWriteBytes: number = Number.MAX_SAFE_INTEGER;
  readonly #path: string;
  readonly #handle: FileHandle;
  #lengthBytes: number;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
    this.#lengthBytes = 0;
  }

  /** @throws ERR_SOCKFLOW_SINK_PATH */
  static async open(path: string): Promise<FileTarget> {
    try {
      return new FileTarget(path, await open(path + UNFINISHED_SUFFIX, 'w'));
    } catch (error) {
      throw ioError(error, path, 'open');
    }
  }

  async write(bytes: Uint8Array, start: number, end: number): Promise<number> {
    try {
      const { bytesWritten } = await this.#handle.write(bytes, start, end - start);
      this.#lengthBytes += bytesWritten;
      return bytesWritten;
    } catch (error) {
      throw ioError(error, this.#path + UNFINISHED_SUFFIX, 'write');
    }
  }

  writeNow(bytes: Uint8Array, start: number, end: number): number {
    try {
      const written = writeSync(this.#handle.fd, bytes, start, end - start);
      this.#lengthBytes += written;
      return written;
    } catch (error) {
      throw ioError(error, this.#path + UNFINISHED_SUFFIX, 'write');
    }
  }

  takeBack(bytes: number): void {
    this.#lengthBytes -= bytes;
    ftruncateSync(this.#handle.fd, this.#lengthBytes);
  }

  async close(isComplete: boolean): Promise<void> {
    try {
      await this.#handle.close();
      if (isComplete) await rename(this.#path + UNFINISHED_SUFFIX, this.#path);
    } catch (error) {
      throw ioError(error, this.#path, 'write');
    }
  }
}
