import type { Batch } from '@sockflow/core';

import { notTaken } from '../../check-input.ts';
import type { ByteOutput } from '../bytes/byte-output.ts';
import { writeBytesItem } from '../bytes/write-item.ts';
import type { Encoder, StreamEncoding } from '../encoding.ts';
import { type CompiledEvent, CompiledEvents } from '../event-code/compile-event.ts';
import {
  ALL_EVENT_FIELDS,
  accessorOf,
  type ChosenField,
  chosenFields,
  type FieldChoice,
  type FieldName,
  knownFields,
} from '../event-code/event-fields.ts';
import { EventWriter } from '../event-code/event-writer.ts';
import { ofValue } from '../value-line.ts';
import { msgpackDialect } from './event-dialect.ts';
import { packValue } from './msgpack-values.ts';
import {
  EVENT_RECORD_BYTE,
  packMarkerRecord,
  recordsHeader,
  structuresOf,
} from './record-structures.ts';

/** Settings of {@link msgpack}. */
export interface MsgpackOptions {
  /** The fields of events that are written, in this order, under their names or others (`op as operator`); all where not given. Markers and values are written whole. */
  readonly fields?: readonly FieldChoice[];
  /** Whether events are records, whose names stand once at the beginning (see docs/specs/msgpack.md), and not maps; false where not given. */
  readonly useRecords?: boolean;
}

const MAPS = new CompiledEvents(msgpackDialect({ recordByte: undefined }));
const RECORDS = new CompiledEvents(msgpackDialect({ recordByte: EVENT_RECORD_BYTE }));

/** A map for each event, marker and value; what is not there has no entry. */
class MapEncoder implements Encoder {
  readonly #events: EventWriter;

  constructor(compiled: CompiledEvent) {
    this.#events = new EventWriter(compiled, (marker, out) =>
      writeBytesItem(packValue(marker), out, 0),
    );
  }

  encodeBatch(batch: Batch, out: ByteOutput): void {
    this.#events.writeBatch(batch, out);
  }

  encodeValue(value: unknown, out: ByteOutput): void {
    writeBytesItem(
      ofValue('msgpack', () => packValue(value)),
      out,
      1,
    );
  }
}

/** A header with the structures, then a record for each event and marker. */
class RecordEncoder implements Encoder {
  readonly #events: EventWriter;
  readonly #header: Uint8Array;

  constructor(compiled: CompiledEvent, header: Uint8Array) {
    this.#events = new EventWriter(compiled, (marker, out) =>
      writeBytesItem(packMarkerRecord(marker), out, 0),
    );
    this.#header = header;
  }

  begin(out: ByteOutput): void {
    writeBytesItem(this.#header, out, 0);
  }

  encodeBatch(batch: Batch, out: ByteOutput): void {
    this.#events.writeBatch(batch, out);
  }

  encodeValue(): never {
    throw notTaken('msgpack-records', 'batches');
  }
}

function fieldsOf(choices: readonly string[] | undefined): readonly ChosenField<FieldName>[] {
  return choices === undefined ? ALL_EVENT_FIELDS : knownFields(chosenFields(choices));
}

function records(choices: readonly string[] | undefined): StreamEncoding {
  // Markers are records of their own: their fields are none of an event's.
  const fields = fieldsOf(choices).filter(({ field }) => accessorOf(field) !== undefined);
  const header = recordsHeader(structuresOf(fields));
  return {
    form: 'stream',
    name: 'msgpack-records',
    accepts: 'batches',
    extensions: ['.records.msgpack'],
    mediaType: 'application/vnd.sockflow.msgpack-records',
    hasHeader: true,
    createEncoder: () => new RecordEncoder(RECORDS.of(fields), header),
  };
}

/**
 * Msgpack: one map an event, marker or value, which any reader understands; or, with `useRecords`, a header and then records, about half as large, events only.
 *
 * @throws ERR_SOCKFLOW_UNKNOWN_NAME for a field that is none, ERR_SOCKFLOW_INVALID_OPTION
 */
export function msgpack(options: MsgpackOptions = {}): StreamEncoding {
  if (options.useRecords === true) return records(options.fields);
  const fields = fieldsOf(options.fields);
  return {
    form: 'stream',
    name: 'msgpack',
    accepts: 'both',
    extensions: ['.msgpack'],
    mediaType: 'application/vnd.msgpack',
    createEncoder: () => new MapEncoder(MAPS.of(fields)),
  };
}
