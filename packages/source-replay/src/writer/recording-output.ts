import {
  type RecordingCloseOptions,
  type RecordingReport,
  RecordingWriter,
} from './recording-writer.ts';
import { StreamOutput } from './stream-output.ts';
import type { RecordingWriterOptions } from './writer-options.ts';

/** A recording of one part that is written to a file or, by the same name, to standard output (`-`), a pipe or a device. */
export class RecordingOutput {
  readonly writer: RecordingWriter;
  readonly #stream: StreamOutput | undefined;

  private constructor(writer: RecordingWriter, stream: StreamOutput | undefined) {
    this.writer = writer;
    this.#stream = stream;
  }

  /**
   * @throws ERR_SOCKFLOW_INVALID_OPTION, of a terminal too
   * @throws ERR_SOCKFLOW_RECORDING_TARGET
   * @throws ERR_SOCKFLOW_RECORDING_WRITE
   */
  static open(path: string, options: RecordingWriterOptions = {}): RecordingOutput {
    const stream = StreamOutput.of(path);
    if (stream === undefined)
      return new RecordingOutput(RecordingWriter.create(path, options), undefined);
    return new RecordingOutput(RecordingWriter.stream(stream.take, options, stream.name), stream);
  }

  /** Resolves once more may be appended: with a file at once. @throws ERR_SOCKFLOW_RECORDING_WRITE */
  async drained(): Promise<void> {
    await this.#stream?.drained();
  }

  /** Ends the recording, and resolves once the system has all of it. @throws ERR_SOCKFLOW_RECORDING_WRITE */
  async close(options: RecordingCloseOptions = {}): Promise<RecordingReport> {
    const report = this.writer.close(options);
    await this.#stream?.end();
    return report;
  }

  /** Gives up: what is written ends without an index. */
  abandon(): void {
    this.writer.abandon();
    this.#stream?.close();
  }
}
