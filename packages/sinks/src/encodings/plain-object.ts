import { mapValue } from './json-value.ts';

/** A value as an object whose keys are its own: views as theirs, a Map of names as an object; `undefined` where it is none. */
export function plainObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return plainObject((value.toJSON as () => unknown)());
  if (value instanceof Map) return plainObject(mapValue(value));
  if (value instanceof Set || ArrayBuffer.isView(value)) return undefined;
  return value as Readonly<Record<string, unknown>>;
}
