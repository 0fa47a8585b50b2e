/*
 * Writes one part of a recording: slots are copied into a block, counted as they are, and written with one system call when the block is full.
 * Lives in the lane's thread; everything is synchronous. Format and invariants F1-F17: docs/specs/recording.md.
 *
 *   appendSelection / appendSlots -> BlockFiller (a BlockBuffer per lane group) -> PartFile (frames, index) -> AppendFile (NAME.part), AppendStream
 */
import {
  baseOrigin,
  type Batch,
  ConfigError,
  DISCARD_BIT,
  LENGTH_MASK,
  type Origin,
  RING_HEADER_BYTES,
  SLOT_WORDS,
  type SlotMemory,
} from '@sockflow/core';

import { createCompressor } from '../compression/block-compressor.ts';
import { RecordingWriteError } from '../errors.ts';
import { SCHEMA_FINGERPRINT } from '../format/descriptor.ts';
import { encodeFileHeader } from '../format/file-header.ts';
import { partPath } from '../format/part-path.ts';
import { AppendStream } from './append-stream.ts';
import type { AppendTarget } from './append-target.ts';
import { BlockFiller, type BlockFillerOptions } from './block-filler.ts';
import { openPreparedPart } from './open-prepared-part.ts';
import { PartFile } from './part-file.ts';
import { DEFAULT_CREATOR, newRecordingId, prepareRecording } from './prepare-recording.ts';
import { checkWriterOptions, type RecordingWriterOptions } from './writer-options.ts';

/** What a closed writer reports. */
export interface RecordingReport {
  /** The part's name, as it lies there now. */
  readonly path: string;
  readonly events: number;
  readonly markers: number;
  readonly blocks: number;
  readonly bytesWritten: number;
}

/** How a writer is closed. */
export interface RecordingCloseOptions {
  /** `false` where what is written is not all that was to be: the part keeps its unfinished name. Default true. */
  readonly isComplete?: boolean;
  /** Whether all of it is on the disk before it gets its final name, and the name after that. Default false. */
  readonly isSynced?: boolean;
}

/** The slots that a writer is given: a batch, or what looks like one. */
export type WritableSelection = Pick<Batch, 'origin' | 'raw'>;

/** Writes one part of a recording. A write that fails throws and may be tried again with `flush()`: no slot that was appended is lost by it. */
export class RecordingWriter {
  /** The final name of the part. */
  readonly path: string;
  readonly recordingId: string;
  readonly #file: AppendTarget;
  readonly #part: PartFile;
  readonly #filler: BlockFiller;
  #origin: Origin | undefined;
  #scratchWords: Uint32Array = new Uint32Array(4096);

  private constructor(
    file: AppendTarget,
    recordingId: string,
    part: PartFile,
    options: BlockFillerOptions,
  ) {
    this.path = file.path;
    this.recordingId = recordingId;
    this.#file = file;
    this.#part = part;
    this.#filler = new BlockFiller(part, options);
  }

  /**
   * Opens the part of one lane. With one lane it also prepares the recording; with several, {@link prepareRecording} was called once before.
   *
   * @throws ERR_SOCKFLOW_INVALID_OPTION
   * @throws ERR_SOCKFLOW_RECORDING_TARGET
   * @throws ERR_SOCKFLOW_RECORDING_WRITE
   */
  static create(path: string, options: RecordingWriterOptions = {}): RecordingWriter {
    const checked = checkWriterOptions(options);
    const { lane, lanes, laneGroups, compressed } = checked;
    const compressor = createCompressor(compressed);
    if (lanes === 1) {
      prepareRecording(path, {
        laneGroups,
        ...(options.compression === undefined ? {} : { compression: options.compression }),
        ...(options.level === undefined ? {} : { level: options.level }),
        ...(options.recordingId === undefined ? {} : { recordingId: options.recordingId }),
        ...(options.creator === undefined ? {} : { creator: options.creator }),
      });
    }
    const { file, identity } = openPreparedPart(partPath(path, lane, lanes), lane, lanes);
    const part = new PartFile(file, identity, compressor);
    return RecordingWriter.#begun(
      new RecordingWriter(file, identity.recordingId, part, checked),
      options,
    );
  }

  /**
   * Writes a recording of one part to whatever takes bytes in their order, a pipe or a socket: the file header at once, then frame by frame. A writer that is given up, or closed as
   * not complete, gives no index and no trailer: a reader tells that from the whole.
   *
   * @param take - called with the next bytes, which are valid until it returns; what it throws, the writer is of no use after
   * @param name - what messages call it
   * @throws ERR_SOCKFLOW_INVALID_OPTION
   */
  static stream(
    take: (bytes: Uint8Array) => void,
    options: RecordingWriterOptions = {},
    name: string = 'stream',
  ): RecordingWriter {
    const checked = checkWriterOptions(options);
    refuseSeveralParts(checked.lanes);
    const compressor = createCompressor(checked.compressed);
    const identity = {
      recordingId: options.recordingId ?? newRecordingId(),
      part: 0,
      parts: 1,
      schemaFingerprint: SCHEMA_FINGERPRINT,
    };
    const { creator = DEFAULT_CREATOR } = options;
    const target = new AppendStream(name, take);
    target.append(
      encodeFileHeader(identity, creator, checked.laneGroups, compressor !== undefined),
    );
    const part = new PartFile(target, identity, compressor);
    return RecordingWriter.#begun(
      new RecordingWriter(target, identity.recordingId, part, checked),
      options,
    );
  }

  /** With the origins that it is to name at once. */
  static #begun(writer: RecordingWriter, options: RecordingWriterOptions): RecordingWriter {
    try {
      if (options.origin !== undefined) writer.#useOrigin(options.origin);
      for (const origin of options.origins ?? []) writer.#useOrigin(origin);
    } catch (error) {
      writer.abandon();
      throw error;
    }
    return writer;
  }

  /** Events appended so far, written or not. */
  get eventsAppended(): number {
    return this.#part.events + this.#filler.pendingEvents;
  }

  /** Events in blocks that the file has: a killed process does not lose them. */
  get eventsWritten(): number {
    return this.#part.events;
  }

  /** Slots, markers included, that were appended so far, written or not. */
  get slotsAppended(): number {
    return this.slotsWritten + this.#filler.pendingSlots;
  }

  /** Slots, markers included, in blocks that the file has: with one group they are the first that were appended. */
  get slotsWritten(): number {
    return this.#part.events + this.#part.markers;
  }

  get bytesWritten(): number {
    return this.#file.sizeBytes;
  }

  /** Bytes of slots that were appended and not yet written. */
  get pendingBytes(): number {
    return this.#filler.pendingBytes;
  }

  /** What the part is called until it is closed as complete. */
  get unfinishedPath(): string {
    return this.#file.unfinishedPath;
  }

  /**
   * Appends a batch's selected slots, and its markers in their places.
   *
   * @param skipSlots - so many of them, markers included, are left out: they were appended before a write failed
   */
  appendSelection(batch: WritableSelection, skipSlots: number = 0): void {
    this.#useOrigin(batch.origin);
    const { memory, words, size, markerWords, markerCount } = batch.raw;
    if (markerCount === 0) {
      const rest = skipSlots === 0 ? words : words.subarray(skipSlots);
      this.#append(memory, rest, size - skipSlots);
      return;
    }
    const merged = this.#scratch(size + markerCount);
    let event = 0;
    let marker = 0;
    for (let index = 0; index < size + markerCount; index++) {
      const isMarker =
        event === size ||
        (marker < markerCount && (markerWords[marker] as number) < (words[event] as number));
      merged[index] = (isMarker ? markerWords[marker++] : words[event++]) as number;
    }
    this.#append(memory, merged.subarray(skipSlots), size + markerCount - skipSlots);
  }

  /** Appends the slots that lie in [startWord, endWord), markers included, discarded ones left out. */
  appendSlots(memory: SlotMemory, startWord: number, endWord: number, origin: Origin): void {
    this.#useOrigin(origin);
    const words = this.#scratch(Math.ceil((endWord - startWord) / SLOT_WORDS));
    let count = 0;
    for (let word = startWord; word < endWord;) {
      const lengthWord = memory.u32[word] ?? 0;
      const slotBytes = (lengthWord & LENGTH_MASK) + RING_HEADER_BYTES;
      if ((lengthWord & DISCARD_BIT) === 0) words[count++] = word;
      // Slots are at least 64 words, whatever damage says: the walk stays within its scratch memory and ends.
      word += Math.max(SLOT_WORDS, ((slotBytes + 7) >>> 3) << 1);
    }
    this.#append(memory, words, count);
  }

  /** Writes what was appended to the file: blocks that are not full, too. */
  flush(): void {
    this.#assertOpen();
    this.#filler.flush();
  }

  /** When it settles, the events that `eventsWritten` had counted are on the disk. Appending goes on meanwhile; closing waits for it. */
  async sync(): Promise<void> {
    this.#assertOpen();
    await this.#file.sync();
  }

  /**
   * Writes what is left, index and trailer, and gives the part its final name. Where that fails the part stays under its unfinished name, with every
   * block that was written. What is not complete stays so too, with all that was appended, and ends without index and trailer (F11).
   */
  close({ isComplete = true, isSynced = false }: RecordingCloseOptions = {}): RecordingReport {
    this.#assertOpen();
    try {
      this.flush();
      if (isComplete) this.#part.writeEnd();
    } catch (error) {
      this.#file.close(false);
      throw error;
    }
    this.#file.close(isComplete, isSynced);
    return {
      path: isComplete ? this.path : this.unfinishedPath,
      events: this.#part.events,
      markers: this.#part.markers,
      blocks: this.#part.blocks,
      bytesWritten: this.#file.sizeBytes,
    };
  }

  /**
   * Gives up: closes the file under its unfinished name, without what was not yet written.
   *
   * @param keptBytes - what is behind its first so many bytes is cut off
   */
  abandon(keptBytes: number = this.bytesWritten): void {
    try {
      if (this.#file.isOpen && keptBytes < this.bytesWritten) this.#file.cutTo(keptBytes);
    } finally {
      this.#file.close(false);
    }
  }

  #append(memory: SlotMemory, words: Uint32Array, size: number): void {
    this.#assertOpen();
    this.#filler.append(memory, words, size);
  }

  #useOrigin(given: Origin): void {
    if (given === this.#origin) return;
    // What anchors say of its clock is in the anchors.
    const origin = baseOrigin(given);
    if (origin === this.#origin) return;
    this.#assertOpen();
    // The same origin may come as another object: after a thread boundary, or from another part.
    this.flush();
    this.#filler.originNumber = this.#part.originNumber(origin);
    this.#origin = origin;
  }

  #scratch(words: number): Uint32Array {
    if (this.#scratchWords.length < words) this.#scratchWords = new Uint32Array(words * 2);
    return this.#scratchWords;
  }

  #assertOpen(): void {
    if (this.#file.isOpen) return;
    throw new RecordingWriteError(
      'ERR_SOCKFLOW_RECORDING_STATE',
      `recording '${this.path}' is closed`,
      { details: { path: this.path }, remedy: 'Append before close()' },
    );
  }
}

function refuseSeveralParts(lanes: number): void {
  if (lanes === 1) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `recording writer: ${lanes} lanes write a part each, and a stream has one`,
    { details: { option: 'lanes', value: lanes }, remedy: 'Write with one lane, or to a file' },
  );
}
