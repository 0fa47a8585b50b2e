import { type ArrowColumn, hasValue } from './arrow-column.ts';

/*
 * Sums of one column, modulo 2^32. One function for each type: each then sees one kind of array, and V8 compiles it for that.
 */

export function sumU8({ values, validity, rows }: ArrowColumn<Uint8Array>): number {
  let sum = 0;
  for (let row = 0; row < rows; row++)
    if (validity === undefined || hasValue(validity, row)) sum = (sum + values[row]!) | 0;
  return sum;
}

export function sumU16({ values, validity, rows }: ArrowColumn<Uint16Array>): number {
  let sum = 0;
  for (let row = 0; row < rows; row++)
    if (validity === undefined || hasValue(validity, row)) sum = (sum + values[row]!) | 0;
  return sum;
}

export function sumU32({ values, validity, rows }: ArrowColumn<Uint32Array>): number {
  let sum = 0;
  for (let row = 0; row < rows; row++)
    if (validity === undefined || hasValue(validity, row)) sum = (sum + values[row]!) | 0;
  return sum;
}

export function sumU64({ values, validity, rows }: ArrowColumn<BigUint64Array>): number {
  let sum = 0;
  for (let row = 0; row < rows; row++)
    if (validity === undefined || hasValue(validity, row)) sum = (sum + Number(values[row]!)) | 0;
  return sum;
}

/** Each rounded down. */
export function sumF64({ values, validity, rows }: ArrowColumn<Float64Array>): number {
  let sum = 0;
  for (let row = 0; row < rows; row++)
    if (validity === undefined || hasValue(validity, row))
      sum = (sum + Math.floor(values[row]!)) | 0;
  return sum;
}

/** How many are true: a bit each. */
export function sumBits({ values, validity, rows }: ArrowColumn<Uint8Array>): number {
  let sum = 0;
  for (let row = 0; row < rows; row++)
    if (hasValue(values, row) && (validity === undefined || hasValue(validity, row))) sum++;
  return sum;
}

/** Bytes of all values; a row without one has none. */
export function sumLengths({ offsets, rows }: ArrowColumn<Uint8Array>): number {
  return offsets[rows]! - offsets[0]!;
}
