import type { Origin, SinkContext } from '@sockflow/core';
import {
  type CompressionOptions,
  prepareRecording,
  RecordingWriter,
} from '@sockflow/source-replay';
import { checkCompression } from '@sockflow/source-replay/compression';

import type { FileEncoding, FileWriter } from '../encoding.ts';
import { RecordingEncoder } from './recording-encoder.ts';
import { RecordingFileWriter } from './recording-file-writer.ts';

const MEDIA_TYPE = 'application/vnd.sockflow.recording';

/** Settings of {@link recording}. */
export interface RecordingOptions extends CompressionOptions {
  /** Bytes of a full block; the writer's default where not given. */
  readonly blockBytes?: number;
  /** Groups that connections are dealt to, so that several lanes can share the reading; 1 where not given. */
  readonly laneGroups?: number;
  /** Hosts and boots that the recording names though none of their events may come. */
  readonly origins?: readonly Origin[];
}

/**
 * Recordings: the slots themselves, in blocks with statistics and an index; batches only. Read them with `replay()`.
 *
 * @throws ERR_SOCKFLOW_UNKNOWN_NAME, ERR_SOCKFLOW_INVALID_OPTION of the compression
 */
export function recording(options: RecordingOptions = {}): FileEncoding {
  checkCompression(options);
  return {
    form: 'file',
    name: 'recording',
    accepts: 'batches',
    extensions: ['.sfrec'],
    mediaType: MEDIA_TYPE,
    prepare: (path, { lanes }) => {
      prepareRecording(path, { ...options, lanes });
    },
    open: (path: string, { lane, lanes }: SinkContext): FileWriter =>
      new RecordingFileWriter(
        RecordingWriter.create(path, { ...options, lane, lanes }),
        (options.laneGroups ?? 1) === 1,
      ),
    asStream: {
      form: 'stream',
      name: 'recording',
      accepts: 'batches',
      extensions: ['.sfrec'],
      mediaType: MEDIA_TYPE,
      hasHeader: true,
      isBinary: true,
      createEncoder: () => new RecordingEncoder(options),
    },
  };
}
