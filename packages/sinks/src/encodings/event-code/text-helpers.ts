import { tcpFlagText } from '@sockflow/core';

import { writeText } from '../bytes/text-table.ts';
import { writeIp4, writeIp6 } from '../bytes/write-address.ts';
import { writeComm, writeHeaderHex } from '../bytes/write-captured.ts';
import { writeUint32, writeUint64 } from '../bytes/write-number.ts';
import type { OriginText } from './origin-text.ts';

const TWO_32 = 4294967296;

/** ASCII text; returns the position after it. */
export function writeAscii(bytes: Uint8Array, position: number, text: string): number {
  for (let index = 0; index < text.length; index++)
    bytes[position + index] = text.charCodeAt(index);
  return position + text.length;
}

/** A number as JSON has it. */
function writeNumber(bytes: Uint8Array, view: DataView, position: number, value: number): number {
  if (value < TWO_32 && Number.isInteger(value)) return writeUint32(view, position, value | 0);
  return writeAscii(bytes, position, JSON.stringify(value));
}

/** A number from the halves of a u64: exact to 2^53, beyond it as the nearest number is written. */
function writeSafe(
  bytes: Uint8Array,
  view: DataView,
  position: number,
  low: number,
  high: number,
): number {
  if (high >>> 0 < 0x200000) return writeUint64(view, position, low, high);
  return writeAscii(bytes, position, JSON.stringify((high >>> 0) * TWO_32 + (low >>> 0)));
}

/** The wall clock of boot time `high`, `low`, ns. */
function writeWallNs(
  bytes: Uint8Array,
  view: DataView,
  position: number,
  low: number,
  high: number,
  origin: OriginText,
): number {
  const sum = (low >>> 0) + origin.wallLow;
  const carry = sum >= TWO_32 ? 1 : 0;
  const wallHigh = (high >>> 0) + origin.wallHigh + carry;
  if (wallHigh >= 0 && wallHigh < TWO_32) return writeUint64(view, position, sum | 0, wallHigh | 0);
  const wallLow = sum - carry * TWO_32;
  return writeAscii(bytes, position, String((BigInt(wallHigh) << 32n) + BigInt(wallLow)));
}

function writeTcpFlagText(bytes: Uint8Array, position: number, flags: number): number {
  return writeAscii(bytes, position, tcpFlagText(flags));
}

function writeUnknown(bytes: Uint8Array, position: number, value: number): number {
  return writeAscii(bytes, position, `UNKNOWN(${value})`);
}

/** What generated code calls to write text. */
export const TEXT_HELPERS: Readonly<Record<string, unknown>> = {
  writeComm,
  writeHeaderHex,
  writeIp4,
  writeIp6,
  writeNumber,
  writeSafe,
  writeTcpFlagText,
  writeText,
  writeUint32,
  writeUint64,
  writeUnknown,
  writeWallNs,
};
