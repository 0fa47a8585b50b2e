/*
 * @sockflow/sinks: where events and derived values go.
 *
 *   destinations   file/, kafka/, console/, memory/, module/: a Sink each, with a writer per lane
 *   ordered/       wraps one of them: one writer for all lanes, in the order of time
 *   spool/         wraps one of them: what it does not take lies on disk until it does
 *   encodings      encodings/: items to bytes, once for all destinations
 *   writer/        what lies between: recycled chunks, written in the background, bounded
 */
export { SinkError, type SinkErrorCode } from './errors.ts';

// destinations
export { file } from './file/file.ts';
export type { FileOptions, FsyncPolicy } from './file/file-settings.ts';
export type { Compression } from './file/compression.ts';
export { kafka } from './kafka/kafka.ts';
export type {
  KafkaCompression,
  KafkaEncoding,
  KafkaKey,
  KafkaOptions,
} from './kafka/kafka-options.ts';
export {
  type KafkaConnectionOptions,
  KafkaError,
  type KafkaErrorCode,
  type KafkaSasl,
  type KafkaTls,
} from '@sockflow/kafka-client';
export { console, type ConsoleOptions } from './console/console.ts';
export { ordered, type OrderedOptions } from './ordered/ordered.ts';
export { spool, type OnSpoolFull, type SpoolOptions } from './spool/index.ts';
export { memory, type MemoryOptions, type MemorySink } from './memory/memory.ts';
export type { SinkFactory } from './module/module-sink.ts';
export { loadSink, type LoadSinkOptions } from './load-sink.ts';
export { parseSinkSpec, type SinkSpec } from './sink-spec.ts';
export { type Subscribable, writeTo, type WriteToReport } from './write-to.ts';

// encodings
export {
  ENCODING_NAMES,
  type EncodingChoice,
  type EncodingName,
} from './encodings/find-encoding.ts';
export type {
  Encoder,
  Encoding,
  FileEncoding,
  FileWriter,
  StreamEncoding,
} from './encodings/encoding.ts';
export { contextJson, type ContextJsonOptions } from './encodings/context-json.ts';
export { ndjson, type NdjsonOptions } from './encodings/ndjson/ndjson.ts';
export { csv, type CsvOptions } from './encodings/csv/csv.ts';
export { msgpack, type MsgpackOptions } from './encodings/msgpack/msgpack.ts';
export {
  EVENT_FIELD_NAMES,
  type EventFieldName,
  type FieldChoice,
  type FieldName,
  type MarkerFieldName,
} from './encodings/event-code/event-fields.ts';
export { recording, type RecordingOptions } from './encodings/recording/recording.ts';
export { table, type TableOptions } from './encodings/table/table.ts';
export {
  WALL_ZONE_ENV,
  WALL_ZONES,
  wallTimeText,
  type WallZone,
} from './encodings/table/wall-zone.ts';
export { jsonValue } from './encodings/json-value.ts';
export { ByteOutput } from './encodings/bytes/byte-output.ts';
export type { Chunk } from './encodings/bytes/chunk.ts';
