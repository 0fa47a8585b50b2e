import { type Batch, isSockflowError, SlotView } from '@sockflow/core';

import { SinkError } from '../../errors.ts';
import type { ByteOutput } from '../bytes/byte-output.ts';
import { writeItem } from '../bytes/write-item.ts';
import type { Encoder, StreamEncoding } from '../encoding.ts';
import { EventRows } from './event-row.ts';
import type { TimeStyle } from './event-texts.ts';
import { markerLine } from './marker-line.ts';
import { ValueRows } from './value-rows.ts';
import type { WallZone } from './wall-zone.ts';

/** Settings of {@link table}. */
export interface TableOptions {
  readonly hasColors?: boolean;
  /** Whether the first row names the columns; default true. */
  readonly hasHeader?: boolean;
  /** Rows that are wider are continued on a second line; where not given, never. */
  readonly maxColumns?: number;
  /** How the wall clock is written: `clock` as 10:00:00.123456 (default), `date` as 2026-11-22T10:00:00.123456Z. */
  readonly time?: TimeStyle;
  /** Whose wall clock that is: `utc` (default), or `local`: this machine's zone (`TZ`), each time with its offset, 11:00:00.123456+01:00. */
  readonly zone?: WallZone;
  /** What a cell has that has nothing to tell, as the other end of a listener; default nothing. With a text, every row has as many words before its facts. */
  readonly empty?: string;
}

/** Rows for people: time, op, local → remote, state and the op's own facts. */
class TableEncoder implements Encoder {
  readonly #options: Required<TableOptions>;
  readonly #rows: EventRows;
  readonly #values: ValueRows;
  #view: SlotView | undefined;
  #isHeaderDue: boolean;

  constructor(options: Required<TableOptions>) {
    this.#options = options;
    this.#rows = new EventRows(options);
    this.#values = new ValueRows(options.hasColors, options.zone);
    this.#view = undefined;
    this.#isHeaderDue = options.hasHeader;
  }

  encodeBatch(batch: Batch, out: ByteOutput): void {
    const { raw, origin } = batch;
    const { memory, words } = raw;
    const { hasColors, zone } = this.#options;
    const view = (this.#view ??= new SlotView(memory.u32, memory.big, 0, origin));
    view.u32 = memory.u32;
    view.big = memory.big;
    view.origin = origin;
    const markers = raw.markerCount === 0 ? [] : batch.markers;
    let marker = 0;
    for (let index = 0; index <= raw.size; index++) {
      for (let next = markers[marker]; next !== undefined && next.beforeIndex <= index;) {
        writeItem(markerLine(next, hasColors, zone), '\n', out, 0);
        next = markers[++marker];
      }
      if (index === raw.size) return;
      view.w = words[index]!;
      if (this.#isHeaderDue) this.#writeHeader(origin.clock !== undefined, out);
      writeItem(this.#rows.row(view), '\n', out, 1);
    }
  }

  encodeValue(value: unknown, out: ByteOutput): void {
    let lines: string;
    try {
      lines = this.#values.lines(value);
    } catch (cause) {
      if (isSockflowError(cause)) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SinkError('ERR_SOCKFLOW_SINK_VALUE', `a value cannot be shown: ${reason}`, {
        remedy: 'Give the sink plain data: map the value to what shall be shown before it',
        cause,
      });
    }
    writeItem(lines, '\n', out, 1);
  }

  #writeHeader(hasWallClock: boolean, out: ByteOutput): void {
    this.#isHeaderDue = false;
    writeItem(this.#rows.header(hasWallClock), '\n', out, 0);
  }
}

/** A table for people to read, one line an event, with markers and derived values as lines of their own. */
export function table(options: TableOptions = {}): StreamEncoding {
  const {
    hasColors = false,
    hasHeader = true,
    maxColumns = Infinity,
    time = 'clock',
    zone = 'utc',
    empty = '',
  } = options;
  return {
    form: 'stream',
    name: 'table',
    accepts: 'both',
    extensions: ['.txt'],
    mediaType: 'text/plain',
    createEncoder: () => new TableEncoder({ hasColors, hasHeader, maxColumns, time, zone, empty }),
  };
}
