import type { Origin } from '@sockflow/core';

import { badValue } from './bad-value.ts';
import { MAX_VALUE_BYTES } from './max-value-bytes.ts';
import { MsgpackReader } from './msgpack-reader.ts';
import type { SlotOutput } from './slot-output.ts';
import type { ValueDecoder } from './value-decoder.ts';
import { type ValueKind, writeFields } from './write-fields.ts';

/** `event-msgpack/1` and `marker-msgpack/1`: one map. */
export class MsgpackDecoder implements ValueDecoder {
  readonly #kind: ValueKind;
  readonly #reader: MsgpackReader;

  constructor(kind: ValueKind) {
    this.#kind = kind;
    this.#reader = new MsgpackReader();
  }

  decode(value: Uint8Array, origin: Origin, output: SlotOutput): void {
    if (value.length > MAX_VALUE_BYTES)
      throw badValue(`${value.length} bytes are no event: expected at most ${MAX_VALUE_BYTES}`);
    this.#reader.read(value);
    writeFields(this.#reader.fields, value.length, this.#kind, origin, output);
  }
}
