export type { Encoder, Encoding, FileEncoding, StreamEncoding } from './encoding.ts';
export { ByteOutput } from './bytes/byte-output.ts';
export type { Chunk } from './bytes/chunk.ts';
export { ENCODING_NAMES, type EncodingChoice, type EncodingName } from './find-encoding.ts';
export { EVENT_FIELD_NAMES, type EventFieldName } from './ndjson/compile-line.ts';
export { ndjson, type NdjsonOptions } from './ndjson/ndjson.ts';
export { jsonValue } from './json-value.ts';
