import {
  Binary,
  Bool,
  type DataType,
  Float64,
  type RecordBatch,
  Table,
  tableToIPC,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';

import { PEER_FIELDS, type PeerEvent, type PeerFieldType } from '../peer-fields.ts';

/* Rows of a record batch: a column of u32 is then 64 KiB. */
const BATCH_ROWS = 16_384;

const TYPES: Readonly<Record<PeerFieldType, () => DataType>> = {
  u8: () => new Uint8(),
  u16: () => new Uint16(),
  u32: () => new Uint32(),
  u64: () => new Uint64(),
  f64: () => new Float64(),
  boolean: () => new Bool(),
  text: () => new Utf8(),
  bytes: () => new Binary(),
};

function column(name: keyof PeerEvent, events: readonly PeerEvent[]): unknown[] {
  const isU64 = PEER_FIELDS[name] === 'u64';
  return events.map((event) => {
    const value = event[name];
    if (value === undefined) return null;
    return isU64 ? BigInt(value as number) : value;
  });
}

function batchesOf(events: readonly PeerEvent[]): RecordBatch[] {
  const columns = Object.entries(PEER_FIELDS).map(
    ([name, type]) =>
      [name, vectorFromArray(column(name as keyof PeerEvent, events), TYPES[type]())] as const,
  );
  return new Table(Object.fromEntries(columns)).batches;
}

/** An IPC stream of record batches, a column for each field, null where an event lacks it. */
export function arrowStream(events: readonly PeerEvent[]): Uint8Array {
  const batches: RecordBatch[] = [];
  for (let at = 0; at < events.length; at += BATCH_ROWS)
    batches.push(...batchesOf(events.slice(at, at + BATCH_ROWS)));
  return tableToIPC(new Table(batches), 'stream');
}
