import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { Sink, SinkContext, SinkWriter } from '@sockflow/core';
import { partPath, UNFINISHED_SUFFIX } from '@sockflow/source-replay/part-names';

import type { Encoding } from '../encodings/encoding.ts';
import { type EncodingChoice, findEncoding } from '../encodings/find-encoding.ts';
import { requireStream } from '../encodings/require-stream.ts';
import type { ByteTarget } from '../writer/byte-target.ts';
import { DescriptorTarget } from '../writer/descriptor-target.ts';
import { EncodedWriter } from '../writer/encoded-writer.ts';
import { FileTarget } from './file-target.ts';
import { ioError } from './io-error.ts';
import { extensionOf, laneNames } from './part-names.ts';
import { preparePath } from './prepare-path.ts';
import { isShareable, isSpecialPath, openDescriptorOf } from './special-path.ts';

const FLUSH_AFTER_MS = 1000;

/** Settings of {@link file}. */
export interface FileOptions extends EncodingChoice {
  /** After how long, at most, what was given is in the file, ms; 1000 where not given. */
  readonly flushAfterMs?: number;
}

class FileSink implements Sink {
  readonly name: string;
  readonly accepts: Sink['accepts'];
  readonly target?: string;
  readonly otherTargets?: readonly string[];
  readonly #path: string;
  readonly #encoding: Encoding;
  readonly #flushAfterMs: number;

  constructor(path: string, encoding: Encoding, flushAfterMs: number) {
    this.name = `file(${path})`;
    this.accepts = encoding.accepts;
    if (!isShareable(path)) this.target = resolve(path);
    if (!isSpecialPath(path)) {
      this.otherTargets = laneNames(resolve(path), encoding.extensions);
    }
    this.#path = path;
    this.#encoding = encoding;
    this.#flushAfterMs = flushAfterMs;
  }

  async prepare({ lanes }: { readonly lanes: number }): Promise<void> {
    const encoding = this.#encoding;
    if (isSpecialPath(this.#path)) {
      requireStream(encoding, this.#path);
      if (openDescriptorOf(this.#path) === undefined) await this.#checkAccess();
    } else if (encoding.form === 'file') {
      await encoding.prepare(this.#path, { lanes });
    } else {
      await preparePath(this.#path, encoding.extensions, lanes);
    }
  }

  async open(context: SinkContext): Promise<SinkWriter> {
    const encoding = this.#encoding;
    if (isSpecialPath(this.#path)) {
      const target = await DescriptorTarget.open(this.#path, context.lanes > 1);
      return this.#writer(target, this.#path, this.#path);
    }
    if (encoding.form === 'file') return encoding.open(this.#path, context);
    const extension = extensionOf(this.#path, encoding.extensions);
    const path = partPath(this.#path, context.lane, context.lanes, extension);
    return this.#writer(await FileTarget.open(path), path, path + UNFINISHED_SUFFIX);
  }

  #writer(target: ByteTarget, location: string, unfinishedLocation: string): SinkWriter {
    const encoding = requireStream(this.#encoding, location);
    return new EncodedWriter(encoding.createEncoder(), target, {
      sinkName: this.name,
      accepts: encoding.accepts,
      location,
      unfinishedLocation,
      flushAfterMs: this.#flushAfterMs,
    });
  }

  async #checkAccess(): Promise<void> {
    try {
      await access(this.#path, constants.W_OK);
    } catch (error) {
      throw ioError(error, this.#path, 'open');
    }
  }
}

/**
 * A file. With several lanes each writes a part of its own, `stem.N.ext`; it is called NAME.part until it is complete. The encoding follows from the
 * extension where none is given. `-` is standard output; pipes and devices are written as they are.
 *
 * A run that fails leaves NAME.part, with all that was accepted; a complete output of an earlier run stays beside it, where there is one lane.
 *
 * What is acknowledged, and all after `flush()`, is the system's: it survives the process, not a power failure (no fsync).
 *
 * @throws ERR_SOCKFLOW_UNKNOWN_NAME, ERR_SOCKFLOW_INVALID_OPTION
 */
export function file(path: string, options: FileOptions = {}): Sink {
  return new FileSink(path, findEncoding(path, options), options.flushAfterMs ?? FLUSH_AFTER_MS);
}
