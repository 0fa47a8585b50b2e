import { Packr } from 'msgpackr';

import { mapValue } from '../json-value.ts';

const MAX_UINT64 = 2n ** 64n - 1n;
const MIN_INT64 = -(2n ** 63n);

/* Maps of the keys that are there, in the smallest form; no extension of msgpackr's own, so that any reader understands them. */
const packr = new Packr({ useRecords: false, variableMapSize: true });

/**
 * What is packed of a value: as in JSON (views as their objects, dates as ISO text, `undefined` and functions left out), but bigints of 64 bits are integers, bytes are bytes, and NaN and
 * infinities are numbers.
 */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value >= MIN_INT64 && value <= MAX_UINT64 ? value : value.toString();
  if (typeof value === 'object') return value === null ? null : plainOf(value);
  return isLeftOut(value) ? null : value;
}

/** What JSON leaves out of objects. */
function isLeftOut(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

function plainOf(value: object): unknown {
  if ('toJSON' in value && typeof value.toJSON === 'function' && !Buffer.isBuffer(value))
    return plain((value.toJSON as () => unknown)());
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return plain(mapValue(value));
  if (value instanceof Set) return Array.from(value, plain);
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<number | bigint>, plain);
  if (value instanceof Error) return errorOf(value);
  return plainEntries(Object.entries(value));
}

function plainEntries(entries: readonly (readonly [string, unknown])[]): object {
  const object: Record<string, unknown> = {};
  for (const [key, entry] of entries) if (!isLeftOut(entry)) object[key] = plain(entry);
  return object;
}

function errorOf(error: Error): object {
  const code = 'code' in error ? { code: plain(error.code) } : {};
  return { name: error.name, ...code, message: error.message };
}

/** A value in msgpack. */
export function packValue(value: unknown): Uint8Array {
  return packr.pack(plain(value));
}
