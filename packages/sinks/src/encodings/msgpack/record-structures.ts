import type { ChosenField } from '../event-code/event-fields.ts';
import { MARKER_FIELD_NAMES } from '../event-code/event-fields.ts';
import type { MarkerFields } from '../event-code/event-writer.ts';
import { packValue } from './msgpack-values.ts';

/*
 * The records of docs/specs/msgpack.md. Structure i is named by the byte 0x40 + i, which a record begins with; a value for each of its keys follows.
 *
 *   0  events, the fields that were chosen    1  loss markers    2  clock anchors
 */
const FIRST_RECORD_BYTE = 0x40;
const COMMON = ['kind', 'originId', 'tsNs'];
const FIRST_CLOCK_FIELD = MARKER_FIELD_NAMES.indexOf('realtimeNs');
const LOSS_KEYS: readonly string[] = [...COMMON, ...MARKER_FIELD_NAMES.slice(0, FIRST_CLOCK_FIELD)];
const CLOCK_KEYS: readonly string[] = [...COMMON, ...MARKER_FIELD_NAMES.slice(FIRST_CLOCK_FIELD)];

/** What the header says of itself. */
export const RECORDS_FORMAT = 'sockflow-msgpack-records';
/** Of the header and what follows. */
export const RECORDS_VERSION = 1;
/** What the record of an event begins with. */
export const EVENT_RECORD_BYTE: number = FIRST_RECORD_BYTE;

/** The keys of each structure. */
export function structuresOf(fields: readonly ChosenField[]): readonly (readonly string[])[] {
  return [fields.map(({ name }) => name), LOSS_KEYS, CLOCK_KEYS];
}

/** The first object of a file: a plain map, for any reader. */
export function recordsHeader(structures: readonly (readonly string[])[]): Uint8Array {
  return packValue({ format: RECORDS_FORMAT, version: RECORDS_VERSION, structures });
}

/** A number as a record may have it: from 0x40 to 0x7f not as one byte, which would begin a record. */
function packInRecord(value: unknown): Uint8Array {
  const isRecordByte = typeof value === 'number' && value >= FIRST_RECORD_BYTE && value < 0x80;
  return isRecordByte ? Uint8Array.of(0xcc, value) : packValue(value);
}

/** A marker as its record. */
export function packMarkerRecord(marker: MarkerFields): Uint8Array {
  const isLoss = marker.kind === 'LOSS_MARKER';
  const keys = isLoss ? LOSS_KEYS : CLOCK_KEYS;
  const parts = keys.map((key) => packInRecord(marker[key]));
  return Buffer.concat([Uint8Array.of(FIRST_RECORD_BYTE + (isLoss ? 1 : 2)), ...parts]);
}
