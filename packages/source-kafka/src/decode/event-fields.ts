import { ACCESSORS } from '@sockflow/core';

/** What a value may say of an event or marker, by the names that objects have. */
export type EventFields = Record<string, unknown>;

const MARKER_FIELDS = [
  'gapStartNs',
  'lostRingFull',
  'lostShedFirst',
  'lostShedLast',
  'lostDamaged',
  'lane',
  'realtimeNs',
  'monotonicNs',
  'uncertaintyNs',
];

/** All names that are read; whatever else a value has is passed over. */
export const FIELD_NAMES: readonly string[] = [
  ...ACCESSORS.filter(({ object }) => object !== undefined).map(({ name }) => name),
  ...MARKER_FIELDS,
];
const INDEX: ReadonlyMap<string, number> = new Map(FIELD_NAMES.map((name, index) => [name, index]));
const NAMED = FIELD_NAMES.map((name) => JSON.stringify(name));

/** The number of a field, for {@link FieldSetter.set}; -1 for a name that is none. */
export function fieldIndex(name: string): number {
  return INDEX.get(name) ?? -1;
}

/** Sets fields by number. */
export interface FieldSetter {
  /** An object that has all fields, undefined. */
  create(): EventFields;
  clear(fields: EventFields): void;
  set(fields: EventFields, index: number, value: unknown): void;
}

/*
 * One object for all values, and a store of its own for each field: an object that gets its keys one by one, computed, is a slow one, and so is whatever reads it. Measured: a third of the
 * time of reading an event.
 */
function compile(): FieldSetter {
  const clear = NAMED.map((name) => `fields[${name}] = undefined;`).join(' ');
  const cases = NAMED.map((name, index) => `case ${index}: fields[${name}] = value; break;`);
  const body = `'use strict';
    return {
      create() { return { ${NAMED.map((name) => `${name}: undefined`).join(', ')} }; },
      clear(fields) { ${clear} },
      set(fields, index, value) { switch (index) { ${cases.join(' ')} } },
    };`;
  // oxlint-disable-next-line no-implied-eval, no-new-func -- built from our own table only
  return (new Function(body) as () => FieldSetter)();
}

/** The code of this thread. */
export const FIELD_SETTER: FieldSetter = compile();
