import { ACCESSORS } from '../schema/accessors.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import {
  CB_FLAG_TEXTS,
  ECN_FLAG_TEXTS,
  FAMILY_NAMES,
  KIND_NAMES,
  OP_NAMES,
  ROLE_NAMES,
  TCP_STATE_NAMES,
  tcpFlagText,
} from '../schema/names.ts';

/** Makes an object out of some fields of an event. */
export type FieldPicker<O> = (event: EventView) => O;

const IN_OBJECTS = new Map(
  ACCESSORS.filter((accessor) => accessor.object !== undefined).map((accessor) => [
    accessor.name,
    accessor,
  ]),
);

/** The fields that objects of events have. */
export const SELECTABLE_FIELDS: ReadonlySet<string> = new Set(IN_OBJECTS.keys());

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  op: OP_NAMES,
  kind: KIND_NAMES,
  state: TCP_STATE_NAMES,
  family: FAMILY_NAMES,
  role: ROLE_NAMES,
  cbFlags: CB_FLAG_TEXTS,
  ecnFlags: ECN_FLAG_TEXTS,
};

function valueCode(form: string): string {
  // Raw arguments stand in whole objects of unknown ops only; who asks for one by name gets it of any.
  if (form === 'same' || form === 'unknownOps') return 'v';
  // Tables name every byte; a whole word can hold more.
  return form === 'tcpFlags' ? 'tcpFlagText(v)' : `texts.${form}[v] ?? \`UNKNOWN(\${v})\``;
}

/** A function that reads just these fields, each by a property access of its own: by name in a loop it would take four times as long. */
export function pickerOf(fields: readonly string[]): FieldPicker<unknown> {
  const lines = fields.map((name) => {
    const form = IN_OBJECTS.get(name)?.object ?? 'same';
    return `v = event.${name}; if (v !== undefined) object.${name} = ${valueCode(form)};`;
  });
  const code = `"use strict"; return (event) => { const object = {}; let v; ${lines.join(' ')} return object; };`;
  // oxlint-disable-next-line typescript/no-implied-eval -- only names from the table of accessors are in it
  const factory = new Function('texts', 'tcpFlagText', code) as (
    texts: unknown,
    flags: unknown,
  ) => FieldPicker<unknown>;
  return factory(TEXTS, tcpFlagText);
}
