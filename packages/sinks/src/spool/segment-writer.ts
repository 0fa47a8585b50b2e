import type { Batch } from '@sockflow/core';
import { RecordingWriter } from '@sockflow/source-replay';

import type { SegmentKind } from './layout.ts';
import { ValuesWriter } from './values-writer.ts';

/** Writes one segment. Items are written with `flush`, or before where many wait. */
export interface SegmentWriter {
  /** Of those appended, in the file: a killed process does not lose them. */
  readonly itemsWritten: number;
  /** Events or values among them. */
  readonly eventsWritten: number;
  /** Of the file and of what waits for it. */
  readonly sizeBytes: number;
  append(input: Batch | Uint8Array): void;
  flush(): void;
  /** When it settles, what was written before is on the disk. Not to be ended meanwhile. */
  sync(): Promise<void>;
  /** Under its final name where that is possible, else as it is: what was written can be read either way. */
  end(isWhole: boolean): void;
}

/** A part of a recording as a segment. */
class BatchesWriter implements SegmentWriter {
  readonly #writer: RecordingWriter;

  constructor(path: string) {
    this.#writer = RecordingWriter.create(path);
  }

  get itemsWritten(): number {
    return this.#writer.slotsWritten;
  }

  get eventsWritten(): number {
    return this.#writer.eventsWritten;
  }

  get sizeBytes(): number {
    return this.#writer.bytesWritten + this.#writer.pendingBytes;
  }

  append(input: Batch): void {
    this.#writer.appendSelection(input);
  }

  flush(): void {
    this.#writer.flush();
  }

  sync(): Promise<void> {
    return this.#writer.sync();
  }

  end(isWhole: boolean): void {
    if (!isWhole) {
      this.#writer.abandon();
      return;
    }
    try {
      this.#writer.close();
    } catch {
      // No room for its index, or somebody took the name away: every block is there.
    }
  }
}

/** A new segment at `path`, its final name. */
export function openSegment(kind: SegmentKind, path: string): SegmentWriter {
  return kind === 'batches' ? new BatchesWriter(path) : ValuesWriter.create(path);
}
