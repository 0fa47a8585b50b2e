import type { Batch } from '@sockflow/core';

import type { ByteOutput } from '../bytes/byte-output.ts';
import type { Encoder, StreamEncoding } from '../encoding.ts';
import { type CompiledEvent, CompiledEvents } from '../event-code/compile-event.ts';
import {
  ALL_EVENT_FIELDS,
  chosenFields,
  type FieldChoice,
  knownFields,
} from '../event-code/event-fields.ts';
import { EventWriter } from '../event-code/event-writer.ts';
import { writeValueLine } from '../value-line.ts';
import { NDJSON_DIALECT } from './ndjson-dialect.ts';

/** Settings of {@link ndjson}. */
export interface NdjsonOptions {
  /** The fields of events that are written, in this order, under their names or others (`op as operator`); all where not given. Markers and values are written whole. */
  readonly fields?: readonly FieldChoice[];
}

const LINES = new CompiledEvents(NDJSON_DIALECT);

/**
 * One JSON object a line: events as `view.toObject()` gives them, byte for byte what `JSON.stringify` would write with bigints as decimal strings, but straight from
 * the slot into bytes.
 */
class NdjsonEncoder implements Encoder {
  readonly #events: EventWriter;

  constructor(line: CompiledEvent) {
    this.#events = new EventWriter(line, (marker, out) => writeValueLine(marker, out, 0));
  }

  encodeBatch(batch: Batch, out: ByteOutput): void {
    this.#events.writeBatch(batch, out);
  }

  encodeValue(value: unknown, out: ByteOutput): void {
    writeValueLine(value, out, 1);
  }
}

/**
 * NDJSON: one event, marker or value a line.
 *
 * @throws ERR_SOCKFLOW_UNKNOWN_NAME for a field that is none, ERR_SOCKFLOW_INVALID_OPTION
 */
export function ndjson(options: NdjsonOptions = {}): StreamEncoding {
  const fields =
    options.fields === undefined ? ALL_EVENT_FIELDS : knownFields(chosenFields(options.fields));
  return {
    form: 'stream',
    name: 'ndjson',
    accepts: 'both',
    extensions: ['.ndjson', '.jsonl'],
    mediaType: 'application/x-ndjson',
    createEncoder: () => new NdjsonEncoder(LINES.of(fields)),
  };
}
