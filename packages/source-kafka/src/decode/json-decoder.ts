import { isSockflowError, type Origin } from '@sockflow/core';

import { badValue } from './bad-value.ts';
import { JsonReader } from './json-reader.ts';
import { MAX_VALUE_BYTES } from './max-value-bytes.ts';
import type { SlotOutput } from './slot-output.ts';
import type { ValueDecoder } from './value-decoder.ts';
import { type ValueKind, writeFields } from './write-fields.ts';

/** `event-json/1` and `marker-json/1`: one object. */
export class JsonDecoder implements ValueDecoder {
  readonly #kind: ValueKind;
  readonly #reader: JsonReader;

  constructor(kind: ValueKind) {
    this.#kind = kind;
    this.#reader = new JsonReader();
  }

  decode(value: Uint8Array, origin: Origin, output: SlotOutput): void {
    if (value.length > MAX_VALUE_BYTES)
      throw badValue(`${value.length} bytes are no event: expected at most ${MAX_VALUE_BYTES}`);
    const bytes = Buffer.isBuffer(value)
      ? value
      : Buffer.from(value.buffer, value.byteOffset, value.length);
    if (!this.#isOwn(bytes, origin, output)) this.#decodeAny(bytes, origin, output);
  }

  /** @returns whether it is an event as our own sink writes it; where not, nothing was written */
  #isOwn(value: Buffer, origin: Origin, output: SlotOutput): boolean {
    if (!this.#reader.read(value)) return false;
    try {
      writeFields(this.#reader.fields, value.length, this.#kind, origin, output);
      return true;
    } catch (error) {
      // The general way tells of what is wrong first in the value.
      if (isSockflowError(error)) return false;
      throw error;
    }
  }

  #decodeAny(value: Buffer, origin: Origin, output: SlotOutput): void {
    const fields = parsed(value);
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
      throw badValue('the value is JSON, but no object');
    writeFields(fields as Record<string, unknown>, value.length, this.#kind, origin, output);
  }
}

function parsed(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString());
  } catch {
    // The engine's own message holds parts of the value.
    throw badValue('the value is no JSON');
  }
}
