import { ACCESSORS, type AccessorSpec, ConfigError, type EventObject } from '@sockflow/core';

import { unknownName } from '../../unknown-name.ts';

/** The name of a field of events as objects and JSON have them. */
export type EventFieldName = keyof EventObject;

/** The names of what markers have beside `kind`, `originId` and `tsNs`: columns of an output that has one row for everything. */
export const MARKER_FIELD_NAMES = [
  'gapStartNs',
  'lostRingFull',
  'lostShedFirst',
  'lostShedLast',
  'lostDamaged',
  'lane',
  'realtimeNs',
  'monotonicNs',
  'uncertaintyNs',
] as const;
/** One of them. */
export type MarkerFieldName = (typeof MARKER_FIELD_NAMES)[number];
/** What can be chosen: fields of events and of markers. */
export type FieldName = EventFieldName | MarkerFieldName;

/** A field as it is chosen: by its name, or under another: `op as operator`. */
export type FieldChoice = FieldName | `${FieldName} as ${string}`;

/** A chosen field, and what it is called in the output. */
export interface ChosenField<Field extends string = string> {
  readonly field: Field;
  readonly name: string;
}

const AS = /^(\S+)\s+as\s+(\S.*)$/;

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
const BY_NAME = new Map(OBJECT_ORDER.map((accessor) => [accessor.name, accessor]));

/** Names of all fields of an event, in the order in which JSON has them. */
export const EVENT_FIELD_NAMES: readonly EventFieldName[] = OBJECT_ORDER.map(
  ({ name }) => name as EventFieldName,
);
const ALL_NAMES: readonly string[] = [...EVENT_FIELD_NAMES, ...MARKER_FIELD_NAMES];
/** All fields of events under their own names. */
export const ALL_EVENT_FIELDS: readonly ChosenField<FieldName>[] = EVENT_FIELD_NAMES.map(
  (field) => ({ field, name: field }),
);
/** All fields of events and markers. */
export const ALL_FIELDS: readonly ChosenField<FieldName>[] = [
  ...ALL_EVENT_FIELDS,
  ...MARKER_FIELD_NAMES.map((field) => ({ field, name: field })),
];

/** The accessor of a field; `undefined` for a name that events do not have. */
export function accessorOf(field: string): AccessorSpec | undefined {
  return BY_NAME.get(field);
}

function refuse(message: string, remedy: string, field: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', message, {
    remedy,
    details: { option: 'fields', field },
  });
}

/**
 * Takes `fields` apart: names, and names with `as`.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION where there is none, or one is chosen or called twice
 */
export function chosenFields(choices: readonly string[]): readonly ChosenField[] {
  const [first] = choices;
  if (first === undefined)
    throw refuse("'fields' names no field", 'Name some, or leave it out for all', '');
  const chosen: ChosenField[] = [];
  for (const choice of choices) {
    const [, field = choice, name = choice] = AS.exec(choice) ?? [];
    if (chosen.some((other) => other.field === field))
      throw refuse(`'fields' has '${field}' twice`, 'Name each field once', field);
    if (chosen.some((other) => other.name === name))
      throw refuse(`'fields' calls two fields '${name}'`, 'Give each a name of its own', field);
    chosen.push({ field, name });
  }
  return chosen;
}

/** @throws ERR_SOCKFLOW_UNKNOWN_NAME for a field that neither events nor markers have */
export function knownFields(chosen: readonly ChosenField[]): readonly ChosenField<FieldName>[] {
  for (const { field } of chosen)
    if (!ALL_NAMES.includes(field)) throw unknownName('field', field, ALL_NAMES);
  return chosen as readonly ChosenField<FieldName>[];
}
