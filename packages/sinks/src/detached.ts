import { isBatch, SlotView } from '@sockflow/core';

/**
 * A value that outlives the batch it was made of: views and batches in it are their objects. Lists, Maps, Sets and plain objects are copied for that; everything
 * else is the value's own.
 */
export function detached(value: unknown, copies: Map<object, unknown> = new Map()): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof SlotView) return value.toObject();
  if (isBatch(value)) return value.toObjects();
  // What contains itself does so in the copy.
  if (copies.has(value)) return copies.get(value);
  const inner = (part: unknown): unknown => detached(part, copies);
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    copies.set(value, list);
    for (const part of value) list.push(inner(part));
    return list;
  }
  if (value instanceof Map) {
    const map = new Map<unknown, unknown>();
    copies.set(value, map);
    for (const [key, part] of value) map.set(key, inner(part));
    return map;
  }
  if (value instanceof Set) {
    const set = new Set<unknown>();
    copies.set(value, set);
    for (const part of value) set.add(inner(part));
    return set;
  }
  return Object.getPrototypeOf(value) === Object.prototype ? plainCopy(value, copies) : value;
}

function plainCopy(value: object, copies: Map<object, unknown>): object {
  const copy: Record<string, unknown> = {};
  copies.set(value, copy);
  for (const [key, part] of Object.entries(value)) copy[key] = detached(part, copies);
  return copy;
}
