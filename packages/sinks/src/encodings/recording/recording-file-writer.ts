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
  /** What the last write failed with. */
  #failure: { readonly error: unknown } | undefined;
  #location: string;

  readonly #isInOrder: boolean;

  /** @param isInOrder - whether blocks are written in the order of what was appended: without lane groups */
  constructor(writer: RecordingWriter, isInOrder: boolean) {
    this.#writer = writer;
    this.#isInOrder = isInOrder;
    this.#failure = undefined;
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

  get slotsTaken(): number {
    return this.#writer.slotsAppended;
  }

  get slotsWritten(): number | undefined {
    return this.#isInOrder ? this.#writer.slotsWritten : undefined;
  }

  write(input: unknown, skipSlots: number = 0): void {
    if (!isBatch(input)) throw notTaken(`the recording ${this.#writer.path}`, 'batches');
    this.#try(() => this.#writer.appendSelection(input, skipSlots));
  }

  flush(): void {
    this.#try(() => this.#writer.flush());
  }

  sync(): Promise<void> {
    return this.#writer.sync();
  }

  abandon(keptBytes: number): void {
    try {
      this.#writer.abandon(keptBytes);
    } catch {
      // Then what lies behind is once more in the part that follows.
    }
  }

  /**
   * After a failed write there is no complete recording to make: what was written stays under its unfinished name.
   *
   * @throws what the last write failed with, where it is to be complete: abandoning must not pass for completing
   */
  close(outcome: { readonly isComplete: boolean; readonly isSynced: boolean }): void {
    if (this.#failure === undefined) this.#location = this.#writer.close(outcome).path;
    else if (outcome.isComplete) throw this.#failure.error;
    else this.#writer.abandon();
  }

  #try(write: () => void): void {
    try {
      write();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}
