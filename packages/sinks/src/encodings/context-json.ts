import { type Batch, readContextEvent, type SlotMemory } from '@sockflow/core';

import { notTaken } from '../check-input.ts';
import type { ByteOutput } from './bytes/byte-output.ts';
import type { Encoder, StreamEncoding } from './encoding.ts';
import { writeValueLine } from './value-line.ts';

/** Raw fields, one event or marker a line: what `convert --from context-json` reads back without loss. */
class ContextJsonEncoder implements Encoder {
  encodeBatch(batch: Batch, out: ByteOutput): void {
    const { memory, words, size, markerWords, markerCount } = batch.raw;
    const { captured } = batch.origin;
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

/** Events as the kernel's context gave them, one JSON object a line; batches only. It has no origin. */
export function contextJson(): StreamEncoding {
  return {
    form: 'stream',
    name: 'context-json',
    accepts: 'batches',
    extensions: ['.context.ndjson'],
    mediaType: 'application/x-ndjson',
    createEncoder: () => new ContextJsonEncoder(),
  };
}
