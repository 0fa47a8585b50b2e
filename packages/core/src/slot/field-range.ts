import { SchemaError } from '../errors.ts';

function shown(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  return JSON.stringify(value) ?? String(value);
}

/** Refuses a raw value that the record cannot hold. */
export function refuseValue(field: string, expected: string, value: unknown): never {
  throw new SchemaError(
    'ERR_SOCKFLOW_FIELD_RANGE',
    `${field} must be ${expected}, found ${shown(value)}`,
    {
      details: { field, value },
      remedy: `Give ${field} as the kernel's context has it, docs/specs/context-json.md says how.`,
    },
  );
}

/** Refuses a record that lacks a field. */
export function refuseMissing(field: string, kind: string): never {
  throw new SchemaError('ERR_SOCKFLOW_FIELD_MISSING', `a record of kind ${kind} needs ${field}`, {
    details: { field, kind },
    remedy: `Add ${field}; docs/specs/context-json.md names the fields that must be there.`,
  });
}
