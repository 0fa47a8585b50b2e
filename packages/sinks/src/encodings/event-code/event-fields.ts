import { ACCESSORS, type AccessorSpec, ConfigError, type EventObject } from '@sockflow/core';

import { unknownName } from '../../unknown-name.ts';

/** The name of a field of events as objects and JSON have them. */
export type EventFieldName = keyof EventObject;

/** A field as it is chosen: by its name, or under another: `op as operator`. */
export type EventFieldChoice = EventFieldName | `${EventFieldName} as ${string}`;

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
/** All fields under their own names. */
export const ALL_EVENT_FIELDS: readonly ChosenField<EventFieldName>[] = EVENT_FIELD_NAMES.map(
  (field) => ({ field, name: field }),
);

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

/**
 * Chosen fields of events.
 *
 * @throws ERR_SOCKFLOW_UNKNOWN_NAME for a field that events do not have, ERR_SOCKFLOW_INVALID_OPTION
 */
export function chosenEventFields(
  choices: readonly string[] | undefined,
): readonly ChosenField<EventFieldName>[] {
  if (choices === undefined) return ALL_EVENT_FIELDS;
  const chosen = chosenFields(choices);
  for (const { field } of chosen)
    if (!BY_NAME.has(field)) throw unknownName('field', field, EVENT_FIELD_NAMES);
  return chosen as readonly ChosenField<EventFieldName>[];
}
