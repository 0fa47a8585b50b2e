/**
 * `JSON.stringify`'s replacer for everything we write: bigints as decimal strings, a Map as an object (as pairs where a key is no text or number), a Set and a typed array
 * as arrays, an error as its name, code and message. `undefined`, functions and symbols are left out, dates are ISO text, views and batches are
 * their objects (they have a `toJSON`), as JSON has it.
 */
export function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map) return mapValue(value);
  if (value instanceof Set) return [...value];
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<number | bigint>);
  if (value instanceof Error) return errorValue(value);
  return value;
}

/** A Map as {@link jsonValue} has it. */
export function mapValue(map: ReadonlyMap<unknown, unknown>): unknown {
  const entries = [...map];
  const isObject = entries.every(([key]) => ['string', 'number', 'bigint'].includes(typeof key));
  return isObject
    ? Object.fromEntries(entries.map(([key, value]) => [String(key), value]))
    : entries;
}

function errorValue(error: Error): object {
  const code = 'code' in error ? { code: error.code } : {};
  return { name: error.name, ...code, message: error.message };
}
