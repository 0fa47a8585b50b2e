import type { Batch } from '@sockflow/core';
import { RecordingWriter, type RecordingWriterOptions } from '@sockflow/source-replay';

import { notTaken } from '../../check-input.ts';
import type { ByteOutput } from '../bytes/byte-output.ts';
import type { Encoder } from '../encoding.ts';

/** A recording as a stream of bytes: an item is a frame, and as long as a block is not full its events wait for `flush`. */
export class RecordingEncoder implements Encoder {
  readonly #writer: RecordingWriter;
  /** Frames that come before the first block: file header and the origins that are known. */
  readonly #head: Uint8Array[];
  #out: ByteOutput | undefined;
  #counted: number;

  constructor(options: RecordingWriterOptions) {
    this.#head = [];
    this.#out = undefined;
    this.#counted = 0;
    this.#writer = RecordingWriter.stream((bytes) => this.#take(bytes), options);
  }

  get pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  begin(out: ByteOutput): void {
    for (const bytes of this.#head) writeBytes(bytes, out);
  }

  encodeBatch(batch: Batch, out: ByteOutput): void {
    this.#out = out;
    this.#writer.appendSelection(batch);
    this.#count(out);
  }

  encodeValue(): void {
    throw notTaken('a recording', 'batches');
  }

  flush(out: ByteOutput): void {
    this.#out = out;
    this.#writer.flush();
    this.#count(out);
  }

  /** What is not complete has no index and no trailer: its reader is to know. */
  end(out: ByteOutput, isComplete: boolean): void {
    this.#out = out;
    this.#writer.close({ isComplete });
  }

  #take(bytes: Uint8Array): void {
    if (this.#out === undefined) this.#head.push(bytes.slice());
    else writeBytes(bytes, this.#out);
  }

  /** How many events a block has is known once it is written: they are counted with an empty item behind it. */
  #count(out: ByteOutput): void {
    const { eventsWritten } = this.#writer;
    if (eventsWritten === this.#counted) return;
    out.endItem(eventsWritten - this.#counted);
    this.#counted = eventsWritten;
  }
}

function writeBytes(bytes: Uint8Array, out: ByteOutput): void {
  out.reserve(bytes.length);
  out.bytes.set(bytes, out.position);
  out.position += bytes.length;
  out.endItem(0);
}
