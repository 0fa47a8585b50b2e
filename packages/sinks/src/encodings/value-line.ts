import { isSockflowError } from '@sockflow/core';

import { SinkError } from '../errors.ts';
import type { ByteOutput } from './bytes/byte-output.ts';
import { jsonValue } from './json-value.ts';

const MAX_UTF8_BYTES_PER_UNIT = 3;
const NEWLINE = 10;
/** From this length on, counting the bytes is cheaper than room for the worst case. */
const COUNT_FROM_UNITS = 8192;

function maxBytes(text: string): number {
  return text.length < COUNT_FROM_UNITS
    ? text.length * MAX_UTF8_BYTES_PER_UNIT
    : Buffer.byteLength(text);
}

/** Writes a value as one line of JSON. */
export class ValueLine {
  readonly #encoder = new TextEncoder();

  /** @throws ERR_SOCKFLOW_SINK_VALUE where the value has no JSON (it contains itself, its toJSON throws), ERR_SOCKFLOW_STALE_VIEW where it holds a view or a batch that is over */
  write(value: unknown, out: ByteOutput, count: 0 | 1): void {
    const text = this.#textOf(value);
    out.reserve(maxBytes(text) + 1);
    const { written } = this.#encoder.encodeInto(text, out.bytes.subarray(out.position));
    const end = out.position + written;
    out.bytes[end] = NEWLINE;
    out.position = end + 1;
    out.endItem(count);
  }

  #textOf(value: unknown): string {
    try {
      // A value without JSON (undefined, a function) is null, as it is in an array: it still is one line.
      return JSON.stringify(value, jsonValue) ?? 'null';
    } catch (cause) {
      // Its remedy is the one that helps.
      if (isSockflowError(cause)) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SinkError(
        'ERR_SOCKFLOW_SINK_VALUE',
        `a value cannot be written as JSON: ${reason}`,
        {
          remedy: 'Give the sink plain data: map the value to what shall be written before it',
          cause,
        },
      );
    }
  }
}
