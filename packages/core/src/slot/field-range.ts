import { SchemaError } from '../errors.ts';

const CONTEXT_JSON = 'docs/specs/context-json.md';
const EVENT_OBJECTS = 'docs/specs/event-objects.md';
const SHOWN_LENGTH = 200;

/** A value as JSON; what cannot be written so is told by its type. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return Array.isArray(value) ? 'a list' : typeof value;
  }
}

/** A value in a message: short, whatever it is. */
function shown(value: unknown): string {
  const text = typeof value === 'bigint' ? `${value}n` : jsonOf(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

function rangeError(field: string, expected: string, value: unknown, remedy: string): SchemaError {
  const message = `${field} must be ${expected}, found ${shown(value)}`;
  return new SchemaError('ERR_SOCKFLOW_FIELD_RANGE', message, {
    details: { field, value },
    remedy,
  });
}

/** Refuses a raw value that the record cannot hold. */
export function refuseValue(field: string, expected: string, value: unknown): never {
  const remedy = `Give ${field} as the kernel's context has it, ${CONTEXT_JSON} says how.`;
  throw rangeError(field, expected, value, remedy);
}

/** Refuses a record that lacks a field. */
export function refuseMissing(field: string, kind: string): never {
  throw new SchemaError('ERR_SOCKFLOW_FIELD_MISSING', `a record of kind ${kind} needs ${field}`, {
    details: { field, kind },
    remedy: `Add ${field}; ${CONTEXT_JSON} names the fields that must be there.`,
  });
}

/** Refuses a value of an event's object that the record cannot hold. */
export function refuseObjectValue(field: string, expected: string, value: unknown): never {
  const remedy = `Give ${field} as view.toObject() has it, ${EVENT_OBJECTS} says how.`;
  throw rangeError(field, expected, value, remedy);
}

/** Refuses an event's object that lacks a field. */
export function refuseObjectWithout(field: string, kind: string): never {
  throw new SchemaError('ERR_SOCKFLOW_FIELD_MISSING', `an event of kind ${kind} needs ${field}`, {
    details: { field, kind },
    remedy: `Write ${field} too where the events come from; ${EVENT_OBJECTS} names the fields that must be there.`,
  });
}
