import type { Batch, Marker, Origin } from '@sockflow/core';

import type { ByteOutput } from '../bytes/byte-output.ts';
import type { CompiledEvent } from './compile-event.ts';
import { type OriginText, originText } from './origin-text.ts';

const MAX_ORIGINS_KEPT = 256;

/** A marker as it is written: its own fields, and whose it is. */
export type MarkerFields = { readonly kind: string; readonly originId: string } & Readonly<
  Record<string, string | number | bigint>
>;

/** Writes a marker as an item that counts as nothing. */
export type WriteMarker = (marker: MarkerFields, out: ByteOutput) => void;

/** Writes batches by compiled code, each marker in its place. */
export class EventWriter {
  readonly #compiled: CompiledEvent;
  readonly #writeMarker: WriteMarker;
  readonly #origins: Map<string, OriginText>;
  #origin: OriginText | undefined;

  constructor(compiled: CompiledEvent, writeMarker: WriteMarker) {
    this.#compiled = compiled;
    this.#writeMarker = writeMarker;
    this.#origins = new Map();
    this.#origin = undefined;
  }

  writeBatch(batch: Batch, out: ByteOutput): void {
    const { raw, origin } = batch;
    const text = this.#originText(origin);
    if (raw.markerCount === 0) {
      this.#writeRun(batch, 0, raw.size, text, out);
      return;
    }
    let start = 0;
    for (const marker of batch.markers) {
      this.#writeRun(batch, start, marker.beforeIndex, text, out);
      start = marker.beforeIndex;
      this.#writeMarker(markerFields(marker, origin), out);
    }
    this.#writeRun(batch, start, raw.size, text, out);
  }

  #writeRun(batch: Batch, start: number, end: number, origin: OriginText, out: ByteOutput): void {
    const { memory, words } = batch.raw;
    const { writeEvent } = this.#compiled;
    const m = memory.u32;
    const maxBytes = this.#compiled.maxBytes + origin.id.longestBytes;
    for (let index = start; index < end; index++) {
      out.reserve(maxBytes);
      out.position = writeEvent(m, words[index]!, out.bytes, out.view, out.position, origin);
      out.endItem(1);
    }
  }

  #originText(origin: Origin): OriginText {
    if (this.#origin?.origin === origin) return this.#origin;
    let text = this.#origins.get(origin.id);
    // Clocks and HZ may have been learnt since: the id alone does not tell.
    if (text?.origin !== origin) {
      if (this.#origins.size === MAX_ORIGINS_KEPT) this.#origins.clear();
      text = originText(origin, this.#compiled.originId(origin.id));
      this.#origins.set(origin.id, text);
    }
    this.#origin = text;
    return text;
  }
}

function markerFields(marker: Marker, origin: Origin): MarkerFields {
  const { beforeIndex: _, kind, ...rest } = marker;
  return { kind, originId: origin.id, ...rest };
}
