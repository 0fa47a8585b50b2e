import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';

import {
  ConfigError,
  type Sink,
  type SinkContext,
  type SinkPrepareContext,
  type SinkWriter,
} from '@sockflow/core';
import { finishedName, partPath, UNFINISHED_SUFFIX } from '@sockflow/source-replay/part-names';

import type { Encoding, FileEncoding, FileWriter } from '../encodings/encoding.ts';
import { findEncoding } from '../encodings/find-encoding.ts';
import { refuseTerminal, requireOneLane, requireStream } from '../encodings/require-stream.ts';
import type { ByteTarget } from '../writer/byte-target.ts';
import { DescriptorTarget } from '../writer/descriptor-target.ts';
import { EncodedWriter } from '../writer/encoded-writer.ts';
import { compressionByName, compressionSuffix, uncompressedName } from './compression.ts';
import { type FileOptions, type FileSettings, fileSettings, isRotating } from './file-settings.ts';
import { FileTarget } from './file-target.ts';
import { errnoOf, ioError, removedError } from './io-error.ts';
import { leftoversOf, leftoverWarning } from './leftovers.ts';
import { checkNeeds } from './option-needs.ts';
import {
  earlierOutputs,
  extensionOf,
  hasPlaceholders,
  laneNames,
  seriesNames,
} from './part-names.ts';
import { PartsWriter } from './parts-writer.ts';
import { Patience } from './patience.ts';
import { prepareFolder, preparePath } from './prepare-path.ts';
import { withBlockCompression } from './recording-options.ts';
import { Series } from './series.ts';
import { isShareable, isSpecialPath, isTerminalPath, openDescriptorOf } from './special-path.ts';
import { fixedPart } from './take-part.ts';
import { warnOf } from './warn-of.ts';

class FileSink implements Sink {
  readonly name: string;
  readonly accepts: Sink['accepts'];
  readonly target?: string;
  readonly otherTargets?: readonly string[];
  readonly #path: string;
  readonly #encoding: Encoding;
  readonly #settings: FileSettings;
  readonly #extension: string;
  readonly #isSeries: boolean;

  constructor(path: string, encoding: Encoding, settings: FileSettings) {
    this.name = `file(${path})`;
    this.accepts = encoding.accepts;
    this.#path = path;
    this.#encoding = encoding;
    this.#settings = settings;
    this.#extension = extensionOf(path, encoding.extensions);
    this.#isSeries = !isSpecialPath(path) && (hasPlaceholders(path) || isRotating(settings));
    checkNeeds({ path, encoding, settings, isSeries: this.#isSeries });
    if (isShareable(path)) return;
    this.target = resolve(this.#isSeries ? this.#series({ lane: 0, lanes: 1 }).template : path);
    if (!this.#isSeries && !isSpecialPath(path))
      this.otherTargets = laneNames(resolve(path), this.#extension);
  }

  /** Whether it may wait for its file system. */
  get canWait(): boolean {
    return this.#settings.onError === 'wait';
  }

  /** Whether opening it again writes over what was written before. */
  get isFixed(): boolean {
    return !this.#isSeries && !isSpecialPath(this.#path);
  }

  async prepare(context: SinkPrepareContext): Promise<void> {
    const { lanes } = context;
    const encoding = this.#encoding;
    await this.#tellOfLeftovers(context);
    if (isSpecialPath(this.#path)) {
      const stream = requireStream(encoding, this.#path);
      refuseTerminal(stream, isTerminalPath(this.#path), this.#path);
      requireOneLane(stream, lanes, this.#path);
      if (openDescriptorOf(this.#path) === undefined) await this.#checkAccess();
    } else if (this.#isSeries) {
      await prepareFolder(this.#path);
    } else if (encoding.form === 'file') {
      await encoding.prepare(this.#path, { lanes });
    } else {
      await preparePath(this.#path, this.#extension, lanes);
    }
  }

  /** Before any of them is written over. */
  async #tellOfLeftovers(context: SinkPrepareContext): Promise<void> {
    const path = this.#path;
    if (isSpecialPath(path)) return;
    const isKept = this.#isSeries;
    const ofSeries = isKept ? seriesNames(path, this.#extension) : [];
    const isOurs = (name: string): boolean =>
      isKept
        ? ofSeries.some((names) => names.read(finishedName(name)) !== undefined)
        : earlierOutputs(path, this.#extension, [name]).length > 0;
    const left = await leftoversOf(path, isOurs);
    const isRecording = this.#encoding.form === 'file';
    if (left.length > 0) warnOf(context, leftoverWarning(left, { isKept, isRecording }));
  }

  async open(context: SinkContext): Promise<SinkWriter> {
    const encoding = this.#encoding;
    if (isSpecialPath(this.#path)) {
      const target = await DescriptorTarget.open(this.#path, context.lanes > 1);
      return this.#writer(target, this.#path, context);
    }
    if (encoding.form === 'file') return this.#openParts(encoding, context);
    return this.#openTarget(context);
  }

  #openTarget(context: SinkContext): SinkWriter {
    const settings = this.#settings;
    if (this.#isSeries) {
      const series = this.#series(context);
      const { glob, template, afterPart } = series;
      const target = new FileTarget({ settings, parts: series, glob, afterPart });
      return this.#writer(target, template, context);
    }
    const path = partPath(this.#path, context.lane, context.lanes, this.#extension);
    return this.#writer(new FileTarget({ settings, parts: fixedPart(path) }), path, context);
  }

  #openParts(encoding: FileEncoding, context: SinkContext): SinkWriter {
    const settings = this.#settings;
    if (!this.#isSeries) {
      const location = partPath(this.#path, context.lane, context.lanes, this.#extension);
      const openPart = (): FileWriter => encoding.open(this.#path, context);
      const patience = new Patience(settings, context, location);
      return new PartsWriter({ settings, location, openPart, patience });
    }
    const series = this.#series(context);
    const { glob, template, afterPart } = series;
    const openPart = (): FileWriter => openTaken(encoding, series.takeName());
    const patience = new Patience(settings, context, template);
    return new PartsWriter({ settings, location: template, openPart, glob, afterPart, patience });
  }

  #series(context: SinkContext): Series {
    return new Series(this.#path, this.#extension, context, this.#settings.keep);
  }

  #writer(target: ByteTarget, location: string, context: SinkContext): SinkWriter {
    const encoding = requireStream(this.#encoding, location);
    return new EncodedWriter(encoding.createEncoder(), target, {
      sinkName: this.name,
      accepts: encoding.accepts,
      location,
      flushAfterMs: this.#settings.flushAfterMs,
      patience: new Patience(this.#settings, context, location),
      settlesEachInput: this.#settings.fsync === 'batch',
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

/** A module's parameter that nobody gave is `undefined`, whatever its type says. */
function checkPath(path: unknown): void {
  if (typeof path === 'string' && path !== '') return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `file: the path is ${path === '' ? 'empty' : String(path)}, expected a path`,
    {
      details: { option: 'path' },
      remedy:
        'Name a file; if it comes from a parameter of a pipeline module, give that: --param NAME=out.ndjson, or params of a config file',
    },
  );
}

/** Opens a part of a series that was taken; somebody may have removed it in between, with its folder. */
function openTaken(encoding: FileEncoding, path: string): FileWriter {
  try {
    return encoding.open(path, { lane: 0, lanes: 1 });
  } catch (error) {
    const unfinished = path + UNFINISHED_SUFFIX;
    const isOther = !['', 'ENOENT'].includes(errnoOf(error));
    throw isOther || existsSync(unfinished) ? error : removedError(unfinished);
  }
}

/** Whether a sink is one file, by its name: opened again it begins anew. */
export function isFixedFile(sink: Sink): boolean {
  return sink instanceof FileSink && sink.isFixed;
}

/** Whether a sink is a file that waits for its file system. */
export function isWaitingFile(sink: Sink): boolean {
  return sink instanceof FileSink && sink.canWait;
}

/**
 * A file, or a series of files. With several lanes each writes a file of its own, `stem.N.ext`; it is called NAME.part until it is complete. The encoding follows
 * from the extension where none is given. `-` is standard output; pipes and devices are written as they are.
 *
 * A run that fails leaves NAME.part, with all that was accepted; a complete output of an earlier run stays beside it, where there is one lane.
 *
 * With `rotateBytes` or `rotateAfterMs`, or `{time}` or `{n}` in the name, each run adds parts and writes over none: `stem.20261124T094233.123Z.ext`.
 *
 * What is acknowledged, and all after `flush()`, is the system's: it survives the process; what survives a power failure is what `fsync` says.
 *
 * @throws ERR_SOCKFLOW_UNKNOWN_NAME, ERR_SOCKFLOW_INVALID_OPTION
 */
export function file(path: string, given: FileOptions = {}): Sink {
  checkPath(path);
  const options = withBlockCompression(path, given);
  const settings = fileSettings(path, options);
  const isNamedSo = isSpecialPath(path) || compressionByName(path) === settings.compress;
  const fullPath = isNamedSo ? path : path + compressionSuffix(settings.compress);
  return new FileSink(fullPath, findEncoding(uncompressedName(fullPath), options), settings);
}
