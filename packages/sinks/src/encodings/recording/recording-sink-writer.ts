import { isBatch, type SinkOutcome, type SinkReport, type SinkWriter } from '@sockflow/core';
import type { RecordingWriter } from '@sockflow/source-replay';

import { notTaken } from '../../check-input.ts';
import { SinkError } from '../../errors.ts';

/**
 * A recording's part as a sink's end in one lane. Synchronous: a full block is one write of memory as it lies there, and nothing is allocated per event.
 *
 * Acknowledged are the events of blocks that the system took. A failed write leaves the blocks before it readable, in NAME.part.
 */
export class RecordingSinkWriter implements SinkWriter {
  readonly #writer: RecordingWriter;
  #given: number;
  #hasFailed: boolean;
  #report: SinkReport | undefined;

  constructor(writer: RecordingWriter) {
    this.#writer = writer;
    this.#given = 0;
    this.#hasFailed = false;
    this.#report = undefined;
  }

  get acknowledged(): number {
    return this.#writer.eventsWritten;
  }

  get failed(): number {
    const isOver = this.#hasFailed || this.#report !== undefined;
    return isOver ? this.#given - this.#writer.eventsWritten : 0;
  }

  write(input: unknown): void {
    this.#requireOpen();
    if (!isBatch(input)) {
      this.#given += 1;
      throw notTaken(`the recording ${this.#writer.path}`, 'batches');
    }
    this.#given += input.size;
    try {
      this.#writer.appendSelection(input);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  flush(): void {
    this.#requireOpen();
    try {
      this.#writer.flush();
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  close({ isComplete }: SinkOutcome = { isComplete: true }): SinkReport {
    if (this.#report !== undefined) return this.#report;
    let location = this.#writer.unfinishedPath;
    this.#report = { location };
    try {
      // After a failed write there is no complete recording to make: what was written stays under its unfinished name.
      if (this.#hasFailed) this.#writer.abandon();
      else location = this.#writer.close({ isComplete }).path;
    } finally {
      this.#report = { location, bytesWritten: this.#writer.bytesWritten };
    }
    return this.#report;
  }

  #requireOpen(): void {
    if (this.#report === undefined) return;
    throw new SinkError(
      'ERR_SOCKFLOW_SINK_CLOSED',
      `${this.#writer.path} was written to after it was closed`,
      { remedy: 'A sink is closed once, after the last write' },
    );
  }
}
