import type { Batch, SinkContext, SinkInput } from '@sockflow/core';

import type { ByteOutput } from './bytes/byte-output.ts';

/**
 * How events and values look as bytes; exists once and serves every destination. A file in itself (a recording, with an index that points into it) is a {@link FileEncoding}.
 */
export interface StreamEncoding {
  readonly form: 'stream';
  /** As users name it: `ndjson`. */
  readonly name: string;
  readonly accepts: SinkInput;
  /** Of file names, the longest first, with the dot. */
  readonly extensions: readonly string[];
  readonly mediaType: string;
  /** Whether an output begins with something that belongs to all of it: then lanes cannot share one. */
  readonly hasHeader?: boolean;
  /** Whether it is nothing for a terminal. */
  readonly isBinary?: boolean;
  /** One a file or lane: encoders have state. */
  createEncoder(): Encoder;
}

/** Writes items into a {@link ByteOutput}; each ends with `endItem`, so that a destination can cut between any two. */
export interface Encoder {
  /**
   * What a file begins with: the same each time, as each part of a series begins with it. It is asked for when the first item has been encoded, into another {@link ByteOutput}, or
   * when none will come: so it may depend on that item.
   */
  begin?(out: ByteOutput): void;
  /** The selected events and the markers in their places; nothing of the batch is needed afterwards. */
  encodeBatch(batch: Batch, out: ByteOutput): void;
  /** @throws ERR_SOCKFLOW_SINK_VALUE, ERR_SOCKFLOW_STALE_VIEW */
  encodeValue(value: unknown, out: ByteOutput): void;
  /** Bytes that an encoder which gathers items holds back: they come with `flush`. */
  readonly pendingBytes?: number;
  /** Gives out what it holds back. Asked for wherever what was given is to be written now, and before `end`. */
  flush?(out: ByteOutput): void;
  /**
   * What a file ends with: the same each time.
   *
   * @param isComplete - whether the output is all that was to be written
   */
  end?(out: ByteOutput, isComplete: boolean): void;
}

/** An encoding whose files are more than a stream of items, such as a recording with its index: it writes them itself, under the names that {@link StreamEncoding} files would have. */
export interface FileEncoding {
  readonly form: 'file';
  readonly name: string;
  readonly accepts: SinkInput;
  readonly extensions: readonly string[];
  readonly mediaType: string;
  /** Main thread, before the lanes: checks that the files can be written, removes what an earlier run left under the name. Not asked for a series of parts. */
  prepare(path: string, context: { readonly lanes: number }): Promise<void> | void;
  /**
   * Opens a lane's file; `path` is the name that was given, the file's own follows from it as a stream's would: `stem.N.ext` with several lanes. A part of a series is opened as the only
   * one of a single lane; its NAME.part lies there, empty.
   */
  open(path: string, context: SinkContext): FileWriter;
  /** The same for what is no file, a pipe, where that can be: without the names and all that only a file has. */
  readonly asStream?: StreamEncoding;
}

/** A file that its encoding writes itself. Everything but `sync` is done when it returns. */
export interface FileWriter {
  /** Events or values that the system took: they outlast the process. */
  readonly acknowledged: number;
  /** Bytes in the file. */
  readonly bytesWritten: number;
  /** Bytes that are still to come into it. */
  readonly pendingBytes: number;
  readonly location: string;
  /** Slots of batches, markers included, that were taken: those of a write that failed as far as it came. */
  readonly slotsTaken: number;
  /** Those that the system took; `undefined` where they need not be the first that were given. */
  readonly slotsWritten: number | undefined;
  /**
   * Nothing of the input is needed afterwards.
   *
   * @param skipSlots - so many of a batch are left out: they were taken before
   */
  write(input: unknown, skipSlots?: number): void;
  /** Closes the file as NAME.part, as it is but for what is behind its first `keptBytes`; never throws. */
  abandon(keptBytes: number): void;
  /** Gives the system all that was written. */
  flush(): void;
  /** When it settles, what was acknowledged when it was called is on the disk. Writing goes on meanwhile, closing does not come before. */
  sync(): Promise<void>;
  /**
   * Ends the file: under its final name where it is complete, else as NAME.part, which `location` says afterwards. After a failed write, what was acknowledged stays.
   *
   * @param isSynced - whether all of it is on the disk before it gets its final name, and the name after that.
   */
  close(outcome: { readonly isComplete: boolean; readonly isSynced: boolean }): void;
}

/** How events and values look in a destination. */
export type Encoding = StreamEncoding | FileEncoding;
