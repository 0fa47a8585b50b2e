import { type Batch, emit, type Sink, type SinkContext, type SinkWriter } from '@sockflow/core';

import { ConnectionBook } from './connection-book.ts';
import { LinePages, type LineStyle } from './line-pages.ts';
import { WatchControl } from './watch-control.ts';
import type { WatchPage } from './watch-page.ts';

/*
 * The lane's half of `watch`: takes events, and sends pages of them to the main thread, which draws. It never waits for the terminal: while a page is under way
 * (W1), events are counted, or kept in the table of connections.
 */

const LINES_INTERVAL_MS = 100;
const TABLE_INTERVAL_MS = 250;
/** More than any terminal has rows for. */
const PAGE_CONNECTIONS = 200;

/** What the lanes of `watch` are told; crosses threads by structured clone. */
export interface WatchStyle extends LineStyle {
  readonly form: 'lines' | 'table';
  /** Of a WatchControl. */
  readonly control: SharedArrayBuffer;
}

/** The sink that shows events on the terminal. */
export function watchSink(style: WatchStyle): Sink {
  return {
    name: 'terminal',
    accepts: 'batches',
    open: (context) => new WatchWriter(style, context),
  };
}

class WatchWriter implements SinkWriter {
  acknowledged = 0;
  readonly failed = 0;
  readonly #control: WatchControl;
  readonly #lane: number;
  readonly #pages: PageMaker;
  readonly #timer: NodeJS.Timeout;
  #pagesSent = 0;

  constructor(style: WatchStyle, { lane }: SinkContext) {
    this.#control = new WatchControl(style.control);
    this.#lane = lane;
    this.#pages = style.form === 'lines' ? linePages(lane, style) : connectionPages(lane);
    const intervalMs = style.form === 'lines' ? LINES_INTERVAL_MS : TABLE_INTERVAL_MS;
    this.#timer = setInterval(() => this.#send(false), intervalMs).unref();
  }

  write(batch: Batch): void {
    this.#pages.add(batch);
    this.acknowledged += batch.size;
  }

  flush(): void {}

  close(): object {
    clearInterval(this.#timer);
    this.#send(true);
    return {};
  }

  #send(isLast: boolean): void {
    if (!isLast && !this.#control.isDrawn(this.#lane, this.#pagesSent)) return;
    const page = this.#pages.take(isLast);
    if (page === undefined) return;
    this.#pagesSent += 1;
    emit(page);
  }
}

interface PageMaker {
  add(batch: Batch): void;
  take(isLast: boolean): WatchPage | undefined;
}

function linePages(lane: number, style: LineStyle): PageMaker {
  const { hasColors, maxColumns, zone } = style;
  return new LinePages(lane, { hasColors, maxColumns, zone });
}

function connectionPages(lane: number): PageMaker {
  const book = new ConnectionBook(lane, performance.now());
  return {
    add: (batch) => book.add(batch, performance.now()),
    take: (isLast) => book.page(PAGE_CONNECTIONS, performance.now(), isLast),
  };
}
