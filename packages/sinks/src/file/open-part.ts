import { close, fdatasync, fstat, ftruncateSync, truncateSync, write, writeSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

import { UNFINISHED_SUFFIX } from '@sockflow/source-replay/part-names';
import { syncFolder } from '@sockflow/source-replay/sync-folder';

import { ioError, removedError } from './io-error.ts';
import type { TakenPart } from './take-part.ts';

const writeAsync = promisify(write);
const closeAsync = promisify(close);
const fdatasyncAsync = promisify(fdatasync);
const fstatAsync = promisify(fstat);

/**
 * One file while it is written: NAME.part until it is complete. Calls must not overlap.
 *
 * @throws ERR_SOCKFLOW_SINK_WRITE, ERR_SOCKFLOW_SINK_DISK_FULL from every method
 */
export class OpenPart {
  readonly path: string;
  readonly #fd: number;
  #lengthBytes: number;
  #isFolderSynced: boolean;
  #isOpen: boolean;

  constructor({ path, fd }: TakenPart) {
    this.path = path;
    this.#fd = fd;
    this.#lengthBytes = 0;
    this.#isFolderSynced = false;
    this.#isOpen = true;
  }

  get unfinishedPath(): string {
    return this.path + UNFINISHED_SUFFIX;
  }

  get lengthBytes(): number {
    return this.#lengthBytes;
  }

  async write(bytes: Uint8Array, start: number, end: number): Promise<number> {
    return this.#tried(async () => {
      const { bytesWritten } = await writeAsync(
        this.#fd,
        bytes,
        start,
        end - start,
        this.#lengthBytes,
      );
      this.#lengthBytes += bytesWritten;
      return bytesWritten;
    });
  }

  async writeAll(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) {
      let done = 0;
      while (done < piece.length) done += await this.write(piece, done, piece.length);
    }
  }

  writeNow(bytes: Uint8Array, start: number, end: number): number {
    try {
      const written = writeSync(this.#fd, bytes, start, end - start, this.#lengthBytes);
      this.#lengthBytes += written;
      return written;
    } catch (error) {
      throw ioError(error, this.unfinishedPath, 'write');
    }
  }

  /** Shortens the file to its first `lengthBytes`. */
  cutTo(lengthBytes: number): void {
    // Also where it cannot be shortened, what is written next is written there.
    this.#lengthBytes = lengthBytes;
    if (this.#isOpen) ftruncateSync(this.#fd, lengthBytes);
    else truncateSync(this.unfinishedPath, lengthBytes);
  }

  /** Whether it can be written on: it is open, and its file has a name. */
  async isWell(): Promise<boolean> {
    if (!this.#isOpen) return false;
    const stats = await fstatAsync(this.#fd).catch(() => undefined);
    return stats !== undefined && stats.nlink > 0;
  }

  /** Throws where the file has no name any more: then what is written to it goes nowhere. */
  async checkIsThere(): Promise<void> {
    const { nlink } = await this.#tried(() => fstatAsync(this.#fd));
    if (nlink === 0) throw removedError(this.unfinishedPath);
  }

  /** When it has settled, all that was written, and the unfinished name, outlast a power failure. */
  async sync(): Promise<void> {
    await this.#tried(async () => {
      await fdatasyncAsync(this.#fd);
      if (!this.#isFolderSynced) await syncFolder(dirname(this.path));
      this.#isFolderSynced = true;
    });
  }

  /** Closes the file and gives it its final name; `isSynced`: its bytes before, its name after that are on the disk. */
  async complete(isSynced: boolean): Promise<void> {
    try {
      await this.checkIsThere();
      if (isSynced) await fdatasyncAsync(this.#fd);
      await this.close();
      await rename(this.unfinishedPath, this.path);
      if (isSynced) await syncFolder(dirname(this.path));
    } catch (error) {
      await this.close().catch(() => {});
      throw ioError(error, this.path, 'write');
    }
  }

  /** Closes the file under its unfinished name; once it is closed, does nothing. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#tried(() => closeAsync(this.#fd));
  }

  async #tried<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw ioError(error, this.unfinishedPath, 'write');
    }
  }
}
