import type { Batch } from '@sockflow/core';
import { ByteOutput, type Chunk, table, type WallZone } from '@sockflow/sinks';

import { sliceOf } from './event-slice.ts';
import type { LinesPage } from './watch-page.ts';

/** Events in a page: with ten pages a second more than anybody reads, and little to write. */
const PAGE_EVENTS = 250;

/** How lines look. */
export interface LineStyle {
  readonly hasColors: boolean;
  readonly maxColumns: number;
  readonly zone: WallZone;
}

/** Events as lines, a page at a time; what comes while a page is full is counted only. Lane's thread. */
export class LinePages {
  readonly #lane: number;
  readonly #encoder: ReturnType<ReturnType<typeof table>['createEncoder']>;
  readonly #out: ByteOutput;
  readonly #decoder = new TextDecoder();
  #text = '';
  #events = 0;
  #notShown = 0;

  constructor(lane: number, style: LineStyle) {
    this.#lane = lane;
    this.#encoder = table({ ...style, hasHeader: lane === 0 }).createEncoder();
    this.#out = new ByteOutput((chunk) => this.#take(chunk));
  }

  add(batch: Batch): void {
    const shown = Math.min(batch.size, PAGE_EVENTS - this.#events);
    this.#notShown += batch.size - shown;
    // A page that is full has no place for markers either: the ledger tells of the losses.
    if (this.#notShown > 0 && shown === 0) return;
    this.#events += shown;
    this.#encoder.encodeBatch(sliceOf(batch, 0, shown), this.#out);
  }

  /** The page so far, if there is anything to tell. */
  take(): LinesPage | undefined {
    this.#out.seal();
    if (this.#text === '' && this.#notShown === 0) return undefined;
    const page: LinesPage = {
      type: 'lines',
      lane: this.#lane,
      text: this.#text,
      notShown: this.#notShown,
    };
    this.#text = '';
    this.#events = 0;
    this.#notShown = 0;
    return page;
  }

  #take(chunk: Chunk): void {
    this.#text += this.#decoder.decode(chunk.bytes.subarray(0, chunk.length));
    this.#out.release(chunk);
  }
}
