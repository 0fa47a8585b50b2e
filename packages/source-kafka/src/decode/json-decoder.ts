import type { Origin } from '@sockflow/core';

import { badValue } from './bad-value.ts';
import { MAX_VALUE_BYTES } from './max-value-bytes.ts';
import type { SlotOutput } from './slot-output.ts';
import type { ValueDecoder } from './value-decoder.ts';
import { type ValueKind, writeFields } from './write-fields.ts';

/** `event-json/1` and `marker-json/1`: one object. */
export class JsonDecoder implements ValueDecoder {
  readonly #kind: ValueKind;

  constructor(kind: ValueKind) {
    this.#kind = kind;
  }

  decode(value: Uint8Array, origin: Origin, output: SlotOutput): void {
    if (value.length > MAX_VALUE_BYTES)
      throw badValue(`${value.length} bytes are no event: expected at most ${MAX_VALUE_BYTES}`);
    const fields = parsed(value);
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
      throw badValue('the value is JSON, but no object');
    writeFields(fields as Record<string, unknown>, value.length, this.#kind, origin, output);
  }
}

function parsed(value: Uint8Array): unknown {
  const text = Buffer.from(value.buffer, value.byteOffset, value.length).toString();
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message holds parts of the value.
    throw badValue('the value is no JSON');
  }
}
