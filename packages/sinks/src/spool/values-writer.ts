import { closeSync, fdatasync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

import { UNFINISHED_SUFFIX } from '@sockflow/source-replay/part-names';
import { syncFolder } from '@sockflow/source-replay/sync-folder';

import { FRAME_HEADER_BYTES, VALUES_MAGIC } from './layout.ts';
import type { SegmentWriter } from './segment-writer.ts';

const BLOCK_BYTES = 256 * 1024;

/** Writes a segment of values: frames, each with its length and checksum. */
export class ValuesWriter implements SegmentWriter {
  readonly #path: string;
  readonly #fd: number;
  #waiting: Uint8Array[];
  #waitingBytes: number;
  #writtenBytes: number;
  #itemsWritten: number;
  #isFolderSynced: boolean;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#writtenBytes = VALUES_MAGIC.length;
    this.#itemsWritten = 0;
    this.#isFolderSynced = false;
  }

  static create(path: string): ValuesWriter {
    const fd = openSync(path + UNFINISHED_SUFFIX, 'w');
    try {
      writeSync(fd, VALUES_MAGIC, 0, VALUES_MAGIC.length, 0);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return new ValuesWriter(path, fd);
  }

  get itemsWritten(): number {
    return this.#itemsWritten;
  }

  get eventsWritten(): number {
    return this.#itemsWritten;
  }

  get sizeBytes(): number {
    return this.#writtenBytes + this.#waitingBytes;
  }

  append(value: Uint8Array): void {
    const frame = Buffer.alloc(FRAME_HEADER_BYTES + value.length);
    frame.writeUInt32LE(value.length, 0);
    frame.writeUInt32LE(crc32(value), 4);
    frame.set(value, FRAME_HEADER_BYTES);
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    if (this.#waitingBytes >= BLOCK_BYTES) this.flush();
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const block = Buffer.concat(this.#waiting);
    try {
      let done = 0;
      while (done < block.length)
        done += writeSync(this.#fd, block, done, block.length - done, this.#writtenBytes + done);
    } catch (error) {
      // Half a frame would be read as a torn end: there is none.
      ftruncateSync(this.#fd, this.#writtenBytes);
      throw error;
    }
    this.#itemsWritten += this.#waiting.length;
    this.#writtenBytes += block.length;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  async sync(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      fdatasync(this.#fd, (error) => (error === null ? resolve() : reject(error)));
    });
    if (!this.#isFolderSynced) await syncFolder(dirname(this.#path));
    this.#isFolderSynced = true;
  }

  end(isWhole: boolean): void {
    closeSync(this.#fd);
    if (!isWhole) return;
    try {
      renameSync(this.#path + UNFINISHED_SUFFIX, this.#path);
    } catch {
      // Somebody took the name away, or it is delivered and removed.
    }
  }
}
