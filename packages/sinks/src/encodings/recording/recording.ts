import type { Origin, SinkContext } from '@sockflow/core';
import { prepareRecording, RecordingWriter } from '@sockflow/source-replay';

import type { FileEncoding, FileWriter } from '../encoding.ts';
import { RecordingFileWriter } from './recording-file-writer.ts';

/** Settings of {@link recording}. */
export interface RecordingOptions {
  /** Bytes of a full block; the writer's default where not given. */
  readonly blockBytes?: number;
  /** Groups that connections are dealt to, so that several lanes can share the reading; 1 where not given. */
  readonly laneGroups?: number;
  /** Hosts and boots that the recording names though none of their events may come. */
  readonly origins?: readonly Origin[];
}

/** Recordings: the slots themselves, in blocks with statistics and an index; batches only. Read them with `replay()`. */
export function recording(options: RecordingOptions = {}): FileEncoding {
  const { laneGroups } = options;
  return {
    form: 'file',
    name: 'recording',
    accepts: 'batches',
    extensions: ['.sfrec'],
    mediaType: 'application/vnd.sockflow.recording',
    prepare: (path, { lanes }) => {
      prepareRecording(path, laneGroups === undefined ? { lanes } : { lanes, laneGroups });
    },
    open: (path: string, { lane, lanes }: SinkContext): FileWriter =>
      new RecordingFileWriter(RecordingWriter.create(path, { ...options, lane, lanes })),
  };
}
