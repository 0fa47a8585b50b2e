/** The headers of a record (docs/specs/kafka-records.md, 1). */
export const RECORD_HEADERS = {
  schema: 'sockflow-schema',
  fingerprint: 'sockflow-fingerprint',
  origin: 'sockflow-origin',
} as const;

/** What a record's value can be: the values of the header `sockflow-schema`. */
export const RECORD_SCHEMAS = [
  'event-json/1',
  'event-msgpack/1',
  'marker-json/1',
  'marker-msgpack/1',
  'value-json/1',
  'value-msgpack/1',
  'slots/1',
] as const;
/** One of them. */
export type RecordSchema = (typeof RECORD_SCHEMAS)[number];

/** A fingerprint of the record layout as its header has it. */
export function fingerprintText(fingerprint: number): string {
  return fingerprint.toString(16).padStart(8, '0');
}
