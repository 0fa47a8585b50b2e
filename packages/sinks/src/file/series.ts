import { closeSync } from 'node:fs';

import type { SinkContext } from '@sockflow/core';

import { ioError } from './io-error.ts';
import { PartNames, seriesNames } from './part-names.ts';
import { type Keep, removeOldParts } from './retention.ts';
import { type PartTaker, SeriesParts, type TakenPart } from './take-part.ts';

/** The parts of one lane, one after the other, and what is kept of those of all lanes. */
export class Series implements PartTaker {
  readonly template: string;
  readonly glob: string;
  readonly afterPart: () => Promise<void>;
  readonly #parts: SeriesParts;

  constructor(path: string, extension: string, { lane, lanes }: SinkContext, keep: Keep) {
    const names = new PartNames(path, extension, lanes);
    this.template = names.template;
    this.glob = names.glob;
    this.#parts = new SeriesParts(names, lane);
    const all = seriesNames(path, extension);
    const isAllKept = keep.parts === Infinity && keep.bytes === Infinity;
    this.afterPart = async () => {
      if (!isAllKept) await removeOldParts(all, keep);
    };
  }

  take(): TakenPart {
    return this.#parts.take();
  }

  /** Begins a part, and leaves opening NAME.part to somebody else. */
  takeName(): string {
    const { path, fd } = this.#parts.take();
    try {
      closeSync(fd);
    } catch (error) {
      throw ioError(error, path, 'open');
    }
    return path;
  }
}
