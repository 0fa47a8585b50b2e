import type { Batch, SinkContext, SinkInput, SinkWriter } from '@sockflow/core';

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
  /** One a file or lane: encoders have state. */
  createEncoder(): Encoder;
}

/** Writes items into a {@link ByteOutput}; each ends with `endItem`, so that a destination can cut between any two. */
export interface Encoder {
  /** What a file begins with. */
  begin?(out: ByteOutput): void;
  /** The selected events and the markers in their places; nothing of the batch is needed afterwards. */
  encodeBatch(batch: Batch, out: ByteOutput): void;
  /** @throws ERR_SOCKFLOW_SINK_VALUE, ERR_SOCKFLOW_STALE_VIEW */
  encodeValue(value: unknown, out: ByteOutput): void;
  /** What a file ends with. */
  end?(out: ByteOutput): void;
}

/** An encoding whose files are more than a stream of items, such as a recording with its index: it writes them itself, under the names that {@link StreamEncoding} files would have. */
export interface FileEncoding {
  readonly form: 'file';
  readonly name: string;
  readonly accepts: SinkInput;
  readonly extensions: readonly string[];
  readonly mediaType: string;
  /** Main thread, before the lanes: checks that the files can be written, removes what an earlier run left under the name. */
  prepare(path: string, context: { readonly lanes: number }): Promise<void> | void;
  /** Opens a lane's file; `path` is the name that was given, the file's own follows from it as a stream's would: `stem.N.ext` with several lanes. */
  open(path: string, context: SinkContext): Promise<SinkWriter> | SinkWriter;
}

/** How events and values look in a destination. */
export type Encoding = StreamEncoding | FileEncoding;
