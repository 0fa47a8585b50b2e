import { type Batch, type Origin, readContextEvent, type SlotMemory } from '@sockflow/core';
import { originText } from '@sockflow/source-replay';

import { notTaken } from '../check-input.ts';
import type { ByteOutput } from './bytes/byte-output.ts';
import { writeItem } from './bytes/write-item.ts';
import type { Encoder, StreamEncoding } from './encoding.ts';
import { writeValueLine } from './value-line.ts';

/** Settings of {@link contextJson}. */
export interface ContextJsonOptions {
  /** Whether a line of kind ORIGIN names the host and boot of the lines behind it; default false. With them nothing of a recording is lost. */
  readonly hasOrigins?: boolean;
}

/** Raw fields, one event or marker a line: what `convert --from context-json` reads back without loss. */
class ContextJsonEncoder implements Encoder {
  readonly #hasOrigins: boolean;
  #origin: string | undefined;

  constructor({ hasOrigins = false }: ContextJsonOptions) {
    this.#hasOrigins = hasOrigins;
    this.#origin = undefined;
  }

  encodeBatch(batch: Batch, out: ByteOutput): void {
    const { memory, words, size, markerWords, markerCount } = batch.raw;
    const { captured } = batch.origin;
    if (this.#hasOrigins && size + markerCount > 0) this.#writeOrigin(batch.origin, out);
    let marker = 0;
    for (let index = 0; index < size; index++) {
      const word = words[index]!;
      for (; marker < markerCount && markerWords[marker]! < word; marker++)
        this.#write(memory, markerWords[marker]!, captured, out, 0);
      this.#write(memory, word, captured, out, 1);
    }
    for (; marker < markerCount; marker++)
      this.#write(memory, markerWords[marker]!, captured, out, 0);
  }

  encodeValue(): never {
    throw notTaken('context-json', 'batches');
  }

  #writeOrigin(origin: Origin, out: ByteOutput): void {
    const text = originText(origin);
    if (text === this.#origin) return;
    this.#origin = text;
    writeItem(`{"kind":"ORIGIN",${text.slice(1)}`, '\n', out, 0);
  }

  #write(
    memory: SlotMemory,
    word: number,
    captured: bigint | undefined,
    out: ByteOutput,
    count: 0 | 1,
  ): void {
    writeValueLine(readContextEvent(memory, word, { captured }), out, count);
  }
}

/** Events as the kernel's context gave them, one JSON object a line; batches only. Where they come from it says only with `hasOrigins`. */
export function contextJson(options: ContextJsonOptions = {}): StreamEncoding {
  return {
    form: 'stream',
    name: 'context-json',
    accepts: 'batches',
    extensions: ['.context.ndjson'],
    mediaType: 'application/x-ndjson',
    createEncoder: () => new ContextJsonEncoder(options),
  };
}
