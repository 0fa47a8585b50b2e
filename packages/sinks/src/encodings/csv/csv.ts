import type { Batch } from '@sockflow/core';

import { SinkError } from '../../errors.ts';
import type { ByteOutput } from '../bytes/byte-output.ts';
import { writeItem } from '../bytes/write-item.ts';
import type { Encoder, StreamEncoding } from '../encoding.ts';
import { CompiledEvents } from '../event-code/compile-event.ts';
import {
  ALL_FIELDS,
  type ChosenField,
  chosenFields,
  knownFields,
} from '../event-code/event-fields.ts';
import { EventWriter } from '../event-code/event-writer.ts';
import { plainObject } from '../plain-object.ts';
import { ofValue } from '../value-line.ts';
import { csvDialect, type CsvLineEnd } from './csv-dialect.ts';
import { csvCell, csvLine, csvText } from './csv-text.ts';

/** Settings of {@link csv}. */
export interface CsvOptions {
  /**
   * The columns, in this order, by the names of fields or under others (`op as operator`). Where not given, of events: all fields, and those of markers; of values: the keys of the
   * first.
   */
  readonly fields?: readonly string[];
  /** Whether a file begins with the names of its columns; default true. */
  readonly hasHeader?: boolean;
  /** Default `\\r\\n`, as RFC 4180 has it. */
  readonly lineEnd?: CsvLineEnd;
}

/** With each line end, compiled once. */
const LINES: Readonly<Record<CsvLineEnd, CompiledEvents>> = {
  '\r\n': new CompiledEvents(csvDialect('\r\n')),
  '\n': new CompiledEvents(csvDialect('\n')),
};

/**
 * Lines of RFC 4180 below a header. What is not there is empty, 64-bit numbers have all their digits, lists and objects are JSON. The columns are fixed by the first item where they
 * were not chosen; each file begins with them.
 */
class CsvEncoder implements Encoder {
  readonly #isChosen: boolean;
  readonly #hasHeader: boolean;
  readonly #lineEnd: CsvLineEnd;
  #columns: readonly ChosenField[] | undefined;
  #keys: ReadonlySet<string>;
  #events: EventWriter | undefined;

  constructor(
    chosen: readonly ChosenField[] | undefined,
    { hasHeader = true, lineEnd = '\r\n' }: CsvOptions,
  ) {
    this.#isChosen = chosen !== undefined;
    this.#hasHeader = hasHeader;
    this.#lineEnd = lineEnd;
    this.#columns = chosen;
    this.#keys = new Set();
    this.#events = undefined;
  }

  begin(out: ByteOutput): void {
    if (this.#columns === undefined || !this.#hasHeader) return;
    const names = this.#columns.map(({ name }) => csvText(name));
    writeItem(csvLine(names), this.#lineEnd, out, 0);
  }

  encodeBatch(batch: Batch, out: ByteOutput): void {
    this.#events ??= this.#eventWriter((this.#columns ??= ALL_FIELDS));
    this.#events.writeBatch(batch, out);
  }

  encodeValue(value: unknown, out: ByteOutput): void {
    const object = ofValue('CSV', () => plainObject(value));
    if (object === undefined) throw noRow(value);
    const columns = this.#columns ?? chosenByKeys(object);
    const line = ofValue('CSV', () => rowOf(columns, object));
    this.#columns = columns;
    if (!this.#isChosen) this.#refuseUnknown(columns, object);
    writeItem(line, this.#lineEnd, out, 1);
  }

  #eventWriter(columns: readonly ChosenField[]): EventWriter {
    const compiled = LINES[this.#lineEnd].of(knownFields(columns));
    // Without its kind a marker would pass for an event.
    const hasKind = columns.some(({ field }) => field === 'kind');
    return new EventWriter(compiled, (marker, out) => {
      if (hasKind) writeItem(rowOf(columns, marker), this.#lineEnd, out, 0);
    });
  }

  #refuseUnknown(columns: readonly ChosenField[], object: Readonly<Record<string, unknown>>): void {
    if (this.#keys.size === 0) this.#keys = new Set(columns.map(({ field }) => field));
    for (const key in object)
      if (!this.#keys.has(key) && object[key] !== undefined) throw noColumn(key, [...this.#keys]);
  }
}

function rowOf(columns: readonly ChosenField[], object: Readonly<Record<string, unknown>>): string {
  return csvLine(columns.map(({ field }) => csvCell(object[field])));
}

function chosenByKeys(object: Readonly<Record<string, unknown>>): readonly ChosenField[] {
  const keys = Object.keys(object);
  if (keys.length === 0) throw noRow(object);
  return keys.map((key) => ({ field: key, name: key }));
}

function noRow(value: unknown): SinkError {
  const what = typeof value === 'object' && value !== null ? 'one without keys' : typeof value;
  return new SinkError('ERR_SOCKFLOW_SINK_VALUE', `a row of CSV is an object, not ${what}`, {
    remedy: 'Map each value to an object whose keys are the columns, or write NDJSON',
  });
}

function noColumn(key: string, columns: readonly string[]): SinkError {
  const example = [...columns, key].map((name) => `'${name}'`).join(', ');
  return new SinkError(
    'ERR_SOCKFLOW_SINK_VALUE',
    `a value has '${key}', and the CSV file has no such column: its columns are those of the first value`,
    {
      remedy: `Name all columns: encoding: csv({ fields: [${example}] })`,
      details: { key, columns },
    },
  );
}

/**
 * CSV (RFC 4180) with a header: one event, marker or value a line.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION; ERR_SOCKFLOW_UNKNOWN_NAME when events come and a column is no field of theirs
 */
export function csv(options: CsvOptions = {}): StreamEncoding {
  const chosen = options.fields === undefined ? undefined : chosenFields(options.fields);
  return {
    form: 'stream',
    name: 'csv',
    accepts: 'both',
    extensions: ['.csv'],
    mediaType: 'text/csv; header=present',
    hasHeader: options.hasHeader ?? true,
    createEncoder: () => new CsvEncoder(chosen, options),
  };
}
