import { isSockflowError } from '@sockflow/core';

import { SinkError } from '../errors.ts';
import type { ByteOutput } from './bytes/byte-output.ts';
import { writeItem } from './bytes/write-item.ts';
import { jsonValue } from './json-value.ts';

/**
 * Makes something of a value that may refuse.
 *
 * @throws ERR_SOCKFLOW_SINK_VALUE where `make` throws, ERR_SOCKFLOW_STALE_VIEW where the value holds a view or a batch that is over
 */
export function ofValue<T>(format: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    // Its remedy is the one that helps.
    if (isSockflowError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SinkError(
      'ERR_SOCKFLOW_SINK_VALUE',
      `a value cannot be written as ${format}: ${reason}`,
      {
        remedy: 'Give the sink plain data: map the value to what shall be written before it',
        cause,
      },
    );
  }
}

/**
 * Writes a value as one line of JSON.
 *
 * @throws ERR_SOCKFLOW_SINK_VALUE where the value has no JSON (it contains itself, its toJSON throws), ERR_SOCKFLOW_STALE_VIEW where it holds a view or a batch that is over
 */
export function writeValueLine(value: unknown, out: ByteOutput, count: 0 | 1): void {
  // A value without JSON (undefined, a function) is null, as it is in an array: it still is one line.
  const text = ofValue('JSON', () => JSON.stringify(value, jsonValue) ?? 'null');
  writeItem(text, '\n', out, count);
}
