import { resolve } from 'node:path';

import {
  ConfigError,
  type Sink,
  type SinkContext,
  type SinkPrepareContext,
  type SinkWriter,
} from '@sockflow/core';

import { isFixedFile } from '../file/file.ts';
import { warnOf } from '../file/warn-of.ts';
import { errorText } from './error-text.ts';
import { isPassing } from './is-passing.ts';
import { prepareDirectory } from './spool-directory.ts';
import {
  type LaneSpoolSettings,
  shareOf,
  type SpoolOptions,
  spoolSettings,
} from './spool-options.ts';
import { SpoolWriter } from './spool-writer.ts';

class SpoolSink implements Sink {
  readonly name: string;
  readonly accepts: Sink['accepts'];
  readonly target?: string;
  readonly otherTargets: readonly string[];
  readonly #inner: Sink;
  readonly #settings: LaneSpoolSettings;

  constructor(inner: Sink, settings: LaneSpoolSettings) {
    this.name = `spool(${inner.name})`;
    this.accepts = inner.accepts;
    if (inner.target !== undefined) this.target = inner.target;
    this.otherTargets = [...(inner.otherTargets ?? []), settings.directory];
    this.#inner = inner;
    this.#settings = settings;
  }

  async prepare(context: SinkPrepareContext): Promise<void> {
    prepareDirectory(this.#settings.directory, this.#inner, context.lanes);
    try {
      await this.#inner.prepare?.(context);
    } catch (error) {
      if (!isPassing(error) || this.#settings.isRefusal(error)) throw error;
      warnOf(
        context,
        `${this.#inner.name} cannot be reached: ${errorText(error)}; what it is given goes to ${this.#settings.directory} until it can`,
      );
    }
  }

  open(context: SinkContext): Promise<SinkWriter> {
    return SpoolWriter.open(this.#inner, shareOf(this.#settings, context.lanes), context);
  }
}

/**
 * A sink whose destination may fail, or be slow: what it does not take goes to disk, and from there to it in order when it takes it again; so the lanes keep reading. While it keeps up nothing is
 * written. What a killed process leaves on the disk, the next start delivers first.
 *
 * Delivered at least once. `acknowledged` is what the destination has acknowledged or what is on the disk (fdatasync).
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION, also for a sink that cannot be opened again: a file that is no series, an ordered one
 */
export function spool(sink: Sink, options: SpoolOptions): Sink {
  const settings = spoolSettings(options);
  if (sink.collect !== undefined) {
    throw refused(
      sink.name,
      'has one end of all lanes, which cannot be opened again',
      'Put the order outside: ordered(spool(…))',
    );
  }
  if (isFixedFile(sink)) {
    throw refused(
      sink.name,
      'would be written anew each time it is opened again',
      "Write a series (rotate, every, or {time} in the name), or let it wait for its disk: onError 'wait' (on-error=wait)",
    );
  }
  return new SpoolSink(sink, { ...settings, directory: resolve(settings.directory) });
}

function refused(sink: string, why: string, remedy: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `spool: ${sink} ${why}`, {
    remedy,
    details: { option: 'spool', sink },
  });
}
