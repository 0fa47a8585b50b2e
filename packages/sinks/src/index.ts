/*
 * @sockflow/sinks: where events and derived values go.
 *
 *   destinations   file/, console/, memory/: a Sink each, with a writer per lane
 *   encodings      encodings/: items to bytes, once for all destinations
 *   writer/        what lies between: recycled chunks, written in the background, bounded
 */
export { SinkError, type SinkErrorCode } from './errors.ts';
export { file, type FileOptions } from './file/file.ts';
export {
  ENCODING_NAMES,
  type EncodingChoice,
  type EncodingName,
} from './encodings/find-encoding.ts';
export type { Encoder, Encoding, FileEncoding, StreamEncoding } from './encodings/encoding.ts';
export { ByteOutput } from './encodings/bytes/byte-output.ts';
export type { Chunk } from './encodings/bytes/chunk.ts';
export { EVENT_FIELD_NAMES, type EventFieldName } from './encodings/ndjson/compile-line.ts';
export { ndjson, type NdjsonOptions } from './encodings/ndjson/ndjson.ts';
export { jsonValue } from './encodings/json-value.ts';
