import { ACCESSORS, type AccessorSpec, type EventObject } from '@sockflow/core';

import { accessorCode, type Tables } from './line-code.ts';
import { LINE_HELPERS } from './line-helpers.ts';
import type { OriginText } from './origin-text.ts';

/** Stores of texts may reach this far beyond their end. */
const OVERSHOOT_BYTES = 8;

/** The name of a field of events as objects and JSON have them. */
export type EventFieldName = keyof EventObject;

/** Writes the line of the slot at word `w` of `m`, newline included; returns the position after it. */
export type WriteLine = (
  m: Uint32Array,
  w: number,
  bytes: Uint8Array,
  view: DataView,
  position: number,
  origin: OriginText,
) => number;

/** A compiled line encoder, and the most bytes a line of it has without the origin's id. */
export interface CompiledLine {
  readonly writeLine: WriteLine;
  readonly maxBytes: number;
}

function isAlwaysThere(accessor: AccessorSpec): boolean {
  const isBare =
    accessor.field === undefined && accessor.ops === undefined && accessor.kind === undefined;
  return isBare && accessor.read.how !== 'address' && accessor.name !== 'wallNs';
}

const IN_OBJECT = ACCESSORS.filter((accessor) => accessor.object !== undefined);
/** In the order of `toObject()`: what is always there comes first, the raw arguments of unknown ops last. */
const OBJECT_ORDER: readonly AccessorSpec[] = [
  ...IN_OBJECT.filter(isAlwaysThere),
  ...IN_OBJECT.filter((accessor) => !isAlwaysThere(accessor) && accessor.object !== 'unknownOps'),
  ...IN_OBJECT.filter((accessor) => accessor.object === 'unknownOps'),
];
/** Names of all fields of an event, in the order in which JSON has them. */
export const EVENT_FIELD_NAMES: readonly EventFieldName[] = OBJECT_ORDER.map(
  ({ name }) => name as EventFieldName,
);

function accessorNamed(name: EventFieldName): AccessorSpec {
  const accessor = OBJECT_ORDER.find((candidate) => candidate.name === name);
  if (accessor === undefined) throw new Error(`no field ${name}`);
  return accessor;
}

/**
 * The code that writes an event of these fields as a line of JSON, generated from core's table of accessors. A generic loop over the table costs four times as much:
 * what is read, where, and how the key looks are constants here.
 */
export function compileLine(fields: readonly EventFieldName[] = EVENT_FIELD_NAMES): CompiledLine {
  const tables: Tables = [];
  const parts = fields.map((name) => accessorCode(accessorNamed(name), tables));
  const body = `'use strict';
    const { ${Object.keys(LINE_HELPERS).join(', ')} } = helpers;
    ${tables.map((_, index) => `const table${index} = tables[${index}];`).join('\n')}
    return function writeLine(m, w, bytes, view, p, origin) {
      const kind = m[w + 2] & 255;
      const op = (m[w + 2] >>> 8) & 255;
      const low = m[w + 14];
      const high = m[w + 15];
      let v = 0;
      bytes[p++] = 123;
      ${parts.map(({ code }) => code).join('\n      ')}
      if (bytes[p - 1] === 44) p--;
      view.setUint16(p, 0x0a7d, true);
      return p + 2;
    };`;
  // oxlint-disable-next-line no-implied-eval, no-new-func -- built from our own tables only
  const build = new Function('helpers', 'tables', body) as (
    helpers: typeof LINE_HELPERS,
    tables: Tables,
  ) => WriteLine;
  const maxBytes = parts.reduce((sum, part) => sum + part.maxBytes, '{}\n'.length);
  return { writeLine: build(LINE_HELPERS, tables), maxBytes: maxBytes + OVERSHOOT_BYTES };
}
