import type { RecordBatch } from 'apache-arrow';

/** A column of one record batch as it lies in memory. */
export interface ArrowColumn<V> {
  readonly values: V;
  /** A bit for each row, set where the row has a value; `undefined` where every row has. */
  readonly validity: Uint8Array | undefined;
  /** Of variable-length types: where each row's bytes begin, and after the last one's end. */
  readonly offsets: Int32Array;
  readonly rows: number;
}

/** The typed arrays behind a column; a batch off a stream begins at their beginning. */
export function arrowColumn<V>(batch: RecordBatch, name: string): ArrowColumn<V> {
  const data = batch.getChild(name)?.data[0];
  if (data === undefined || data.offset !== 0) throw new Error(`no whole column ${name}`);
  return {
    values: data.values as V,
    validity: data.nullCount === 0 ? undefined : data.nullBitmap,
    offsets: data.valueOffsets as Int32Array,
    rows: data.length,
  };
}

/** Whether a row of a column with a validity bitmap has a value. */
export function hasValue(validity: Uint8Array, row: number): boolean {
  return ((validity[row >> 3]! >> (row & 7)) & 1) !== 0;
}
