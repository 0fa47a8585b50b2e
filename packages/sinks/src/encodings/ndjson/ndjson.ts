import type { Batch } from '@sockflow/core';

import type { ByteOutput } from '../bytes/byte-output.ts';
import type { Encoder, StreamEncoding } from '../encoding.ts';
import { type CompiledEvent, CompiledEvents } from '../event-code/compile-event.ts';
import { chosenEventFields, type EventFieldChoice } from '../event-code/event-fields.ts';
import { EventWriter } from '../event-code/event-writer.ts';
import { ValueLine } from '../value-line.ts';
import { NDJSON_DIALECT } from './ndjson-dialect.ts';

/** Settings of {@link ndjson}. */
export interface NdjsonOptions {
  /** The fields of events that are written, in this order, under their names or others (`op as operator`); all where not given. Markers and values are written whole. */
  readonly fields?: readonly EventFieldChoice[];
}

const LINES = new CompiledEvents(NDJSON_DIALECT);

/**
 * One JSON object a line: events as `view.toObject()` gives them, byte for byte what `JSON.stringify` would write with bigints as decimal strings, but straight from
 * the slot into bytes.
 */
class NdjsonEncoder implements Encoder {
  readonly #events: EventWriter;
  readonly #values: ValueLine;

  constructor(line: CompiledEvent) {
    const values = new ValueLine();
    this.#events = new EventWriter(line, (marker, out) => values.write(marker, out, 0));
    this.#values = values;
  }

  encodeBatch(batch: Batch, out: ByteOutput): void {
    this.#events.writeBatch(batch, out);
  }

  encodeValue(value: unknown, out: ByteOutput): void {
    this.#values.write(value, out, 1);
  }
}

/**
 * NDJSON: one event, marker or value a line.
 *
 * @throws ERR_SOCKFLOW_UNKNOWN_NAME for a field that events do not have, ERR_SOCKFLOW_INVALID_OPTION
 */
export function ndjson(options: NdjsonOptions = {}): StreamEncoding {
  const fields = chosenEventFields(options.fields);
  return {
    form: 'stream',
    name: 'ndjson',
    accepts: 'both',
    extensions: ['.ndjson', '.jsonl'],
    mediaType: 'application/x-ndjson',
    createEncoder: () => new NdjsonEncoder(LINES.of(fields)),
  };
}
