import type { Batch, Origin } from '@sockflow/core';

import { unknownName } from '../../unknown-name.ts';
import type { ByteOutput } from '../bytes/byte-output.ts';
import type { Encoder, StreamEncoding } from '../encoding.ts';
import { ValueLine } from '../value-line.ts';
import {
  type CompiledLine,
  compileLine,
  EVENT_FIELD_NAMES,
  type EventFieldName,
} from './compile-line.ts';
import { type OriginText, originText } from './origin-text.ts';

/** Settings of {@link ndjson}. */
export interface NdjsonOptions {
  /** The fields of events that are written, in this order; all where not given. */
  readonly fields?: readonly EventFieldName[];
}

const MAX_ORIGINS_KEPT = 256;
/** Compiled lines of this thread by their fields: the engine takes a few hundred ms to optimise one, and encoders of the same fields share that. */
const LINES = new Map<string, CompiledLine>();

function lineOf(fields: readonly EventFieldName[]): CompiledLine {
  const key = fields.join();
  let line = LINES.get(key);
  if (line === undefined) {
    line = compileLine(fields);
    LINES.set(key, line);
  }
  return line;
}

/**
 * One JSON object a line: events as `view.toObject()` gives them, byte for byte what `JSON.stringify` would write with bigints as decimal strings, but straight from
 * the slot into bytes.
 */
class NdjsonEncoder implements Encoder {
  readonly #line: CompiledLine;
  readonly #values: ValueLine;
  readonly #origins: Map<string, OriginText>;
  #origin: OriginText | undefined;

  constructor(line: CompiledLine) {
    this.#line = line;
    this.#values = new ValueLine();
    this.#origins = new Map();
    this.#origin = undefined;
  }

  encodeBatch(batch: Batch, out: ByteOutput): void {
    const { raw, origin } = batch;
    const text = this.#originText(origin);
    if (raw.markerCount === 0) {
      this.#encodeRun(batch, 0, raw.size, text, out);
      return;
    }
    let start = 0;
    for (const { beforeIndex, ...marker } of batch.markers) {
      this.#encodeRun(batch, start, beforeIndex, text, out);
      start = beforeIndex;
      const { kind, ...rest } = marker;
      this.#values.write({ kind, originId: origin.id, ...rest }, out, 0);
    }
    this.#encodeRun(batch, start, raw.size, text, out);
  }

  encodeValue(value: unknown, out: ByteOutput): void {
    this.#values.write(value, out, 1);
  }

  #encodeRun(batch: Batch, start: number, end: number, origin: OriginText, out: ByteOutput): void {
    const { memory, words } = batch.raw;
    const { writeLine } = this.#line;
    const m = memory.u32;
    const maxBytes = this.#line.maxBytes + origin.id.longestBytes;
    for (let index = start; index < end; index++) {
      out.reserve(maxBytes);
      out.position = writeLine(m, words[index]!, out.bytes, out.view, out.position, origin);
      out.endItem(1);
    }
  }

  #originText(origin: Origin): OriginText {
    if (this.#origin?.origin === origin) return this.#origin;
    let text = this.#origins.get(origin.id);
    // Clocks and HZ may have been learnt since: the id alone does not tell.
    if (text?.origin !== origin) {
      if (this.#origins.size === MAX_ORIGINS_KEPT) this.#origins.clear();
      text = originText(origin);
      this.#origins.set(origin.id, text);
    }
    this.#origin = text;
    return text;
  }
}

/**
 * NDJSON: one event, marker or value a line.
 *
 * @throws ERR_SOCKFLOW_UNKNOWN_NAME for a field that events do not have
 */
export function ndjson(options: NdjsonOptions = {}): StreamEncoding {
  const fields = options.fields ?? EVENT_FIELD_NAMES;
  for (const name of fields)
    if (!EVENT_FIELD_NAMES.includes(name)) throw unknownName('field', name, EVENT_FIELD_NAMES);
  return {
    form: 'stream',
    name: 'ndjson',
    accepts: 'both',
    extensions: ['.ndjson', '.jsonl'],
    mediaType: 'application/x-ndjson',
    createEncoder: () => new NdjsonEncoder(lineOf(fields)),
  };
}
