export type { Encoder, Encoding, FileEncoding, FileWriter, StreamEncoding } from './encoding.ts';
export { ENCODING_NAMES, type EncodingChoice, type EncodingName } from './find-encoding.ts';
export { contextJson } from './context-json.ts';
export { ndjson, type NdjsonOptions } from './ndjson/ndjson.ts';
export { csv, type CsvOptions } from './csv/csv.ts';
export { msgpack, type MsgpackOptions } from './msgpack/msgpack.ts';
export {
  EVENT_FIELD_NAMES,
  type EventFieldName,
  type FieldChoice,
  type FieldName,
  type MarkerFieldName,
} from './event-code/event-fields.ts';
export { recording, type RecordingOptions } from './recording/recording.ts';
export { table, type TableOptions } from './table/table.ts';
export { jsonValue } from './json-value.ts';
export { ByteOutput } from './bytes/byte-output.ts';
export type { Chunk } from './bytes/chunk.ts';
