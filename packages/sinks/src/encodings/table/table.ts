import { type Batch, isSockflowError, SlotView } from '@sockflow/core';
import stringWidth from 'string-width';

import { SinkError } from '../../errors.ts';
import type { ByteOutput } from '../bytes/byte-output.ts';
import type { Encoder, StreamEncoding } from '../encoding.ts';
import { colored } from './colors.ts';
import { type Cell, Columns } from './columns.ts';
import { eventHeader, eventRow } from './event-row.ts';
import { markerLine } from './marker-line.ts';
import { ValueRows } from './value-rows.ts';

const UTF8 = new TextEncoder();
const MAX_UTF8_BYTES_PER_UNIT = 3;
/** Wide enough for most rows, so that columns seldom move: a time, an op, IPv4 ends, a state. */
const MIN_WIDTHS = [15, 22, 18, 1, 18, 12] as const;
const MAX_WIDTH = 47;
/** State and facts are what a second line has, under the event's name. */
const CONTINUED_FROM = 5;
const CONTINUED_INDENT = ' '.repeat(MIN_WIDTHS[0] + 2);

/** Settings of {@link table}. */
export interface TableOptions {
  readonly hasColors?: boolean;
  /** Whether the first row names the columns; default true. */
  readonly hasHeader?: boolean;
  /** Rows that are wider are continued on a second line; where not given, never. */
  readonly maxColumns?: number;
}

/** Rows for people: time, op, local → remote, state and the op's own facts. */
class TableEncoder implements Encoder {
  readonly #options: Required<TableOptions>;
  readonly #columns: Columns;
  readonly #values: ValueRows;
  #view: SlotView | undefined;
  #isHeaderDue: boolean;

  constructor(options: Required<TableOptions>) {
    this.#options = options;
    this.#columns = new Columns(MIN_WIDTHS, MAX_WIDTH);
    this.#values = new ValueRows(options.hasColors);
    this.#view = undefined;
    this.#isHeaderDue = options.hasHeader;
  }

  encodeBatch(batch: Batch, out: ByteOutput): void {
    const { raw, origin } = batch;
    const { memory, words } = raw;
    const view = (this.#view ??= new SlotView(memory.u32, memory.big, 0, origin));
    view.u32 = memory.u32;
    view.big = memory.big;
    view.origin = origin;
    const markers = raw.markerCount === 0 ? [] : batch.markers;
    let marker = 0;
    for (let index = 0; index <= raw.size; index++) {
      for (let next = markers[marker]; next !== undefined && next.beforeIndex <= index;) {
        this.#writeLine(markerLine(next, this.#options.hasColors), out, 0);
        next = markers[++marker];
      }
      if (index === raw.size) return;
      view.w = words[index]!;
      if (this.#isHeaderDue) this.#writeHeader(origin.clock !== undefined, out);
      this.#writeRow(eventRow(view, this.#options.hasColors), out, 1);
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
    this.#writeLine(lines, out, 1);
  }

  #writeHeader(hasWallClock: boolean, out: ByteOutput): void {
    this.#isHeaderDue = false;
    const paint = (text: string): string => colored(text, 'bold');
    const cells: readonly Cell[] = eventHeader(hasWallClock);
    const painted = this.#options.hasColors ? cells.map((cell) => ({ ...cell, paint })) : cells;
    this.#writeRow(painted, out, 0);
  }

  #writeRow(cells: readonly Cell[], out: ByteOutput, count: 0 | 1): void {
    const { maxColumns } = this.#options;
    const line = this.#columns.row(cells);
    if (stringWidth(line) <= maxColumns) {
      this.#writeLine(line, out, count);
      return;
    }
    const first = this.#columns.row(cells.slice(0, CONTINUED_FROM));
    const rest = cells.slice(CONTINUED_FROM).map(({ text, paint }) => paint?.(text) ?? text);
    this.#writeLine(`${first}\n${CONTINUED_INDENT}${rest.join('  ')}`, out, count);
  }

  #writeLine(line: string, out: ByteOutput, count: 0 | 1): void {
    const text = `${line}\n`;
    out.reserve(text.length * MAX_UTF8_BYTES_PER_UNIT);
    const { written } = UTF8.encodeInto(text, out.bytes.subarray(out.position));
    out.position += written;
    out.endItem(count);
  }
}

/** A table for people to read, one line an event, with markers and derived values as lines of their own. */
export function table(options: TableOptions = {}): StreamEncoding {
  const { hasColors = false, hasHeader = true, maxColumns = Infinity } = options;
  return {
    form: 'stream',
    name: 'table',
    accepts: 'both',
    extensions: ['.txt'],
    mediaType: 'text/plain',
    createEncoder: () => new TableEncoder({ hasColors, hasHeader, maxColumns }),
  };
}
