import { isBatch } from '@sockflow/core';
import type { RecordingWriter } from '@sockflow/source-replay';

import { notTaken } from '../../check-input.ts';
import type { FileWriter } from '../encoding.ts';

/**
 * A recording's part as a file of a sink. Synchronous: a full block is one write of memory as it lies there, and nothing is allocated per event.
 *
 * Acknowledged are the events of blocks that the system took. A failed write leaves the blocks before it readable, in NAME.part.
 */
export class RecordingFileWriter implements FileWriter {
  readonly #writer: RecordingWriter;
  #hasFailed: boolean;
  #location: string;

  constructor(writer: RecordingWriter) {
    this.#writer = writer;
    this.#hasFailed = false;
    this.#location = writer.unfinishedPath;
  }

  get acknowledged(): number {
    return this.#writer.eventsWritten;
  }

  get bytesWritten(): number {
    return this.#writer.bytesWritten;
  }

  get pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  get location(): string {
    return this.#location;
  }

  write(input: unknown): void {
    if (!isBatch(input)) throw notTaken(`the recording ${this.#writer.path}`, 'batches');
    this.#hasFailed = true;
    this.#writer.appendSelection(input);
    this.#hasFailed = false;
  }

  flush(): void {
    this.#hasFailed = true;
    this.#writer.flush();
    this.#hasFailed = false;
  }

  sync(): Promise<void> {
    return this.#writer.sync();
  }

  /** After a failed write there is no complete recording to make: what was written stays under its unfinished name. */
  close(outcome: { readonly isComplete: boolean; readonly isSynced: boolean }): void {
    if (this.#hasFailed) this.#writer.abandon();
    else this.#location = this.#writer.close(outcome).path;
  }
}
