import { ConfigError } from '@sockflow/core';
import type { BlockCompression } from '@sockflow/source-replay';

import type { EncodingChoice } from '../encodings/find-encoding.ts';
import { unknownName } from '../unknown-name.ts';
import { checkedCompression, type Compression, compressionByName } from './compression.ts';
import type { Keep } from './retention.ts';

/** When a file's bytes are put on the disk: what that promises is in {@link FileOptions.fsync}. */
export type FsyncPolicy = 'never' | 'rotate' | 'interval' | 'batch';

/** What is done when the file system refuses a write: what that means is in {@link FileOptions.onError}. */
export type OnError = 'stop' | 'wait';

/** Settings of a file sink. */
export interface FileOptions extends EncodingChoice {
  /** After how long, at most, what was given is in the file, ms; 1000 where not given. */
  readonly flushAfterMs?: number;
  /** A part is complete before it has more bytes than this in its file, and the next one begins. An event that is longer has a part of its own; a compressed part, and a recording, may be longer by what is written at once. */
  readonly rotateBytes?: number;
  /** A part is complete after so long, ms, counted from its first event. */
  readonly rotateAfterMs?: number;
  /** So many complete parts of this series stay, of all its lanes and runs: the oldest are removed. */
  readonly keepParts?: number;
  /** Complete parts of at most so many bytes stay, and always the newest. */
  readonly keepBytes?: number;
  /**
   * Text: each part is compressed as a whole, by `gzip` or `zstd`; by the name (`.gz`, `.zst`) where not given. A name without its ending gets it.
   * Recordings: each block is compressed, by `lz4` or `zstd`; their names stay.
   */
  readonly compress?: Compression | BlockCompression;
  /** Of recordings with `zstd`: 1 (fast) to 19 (small), 3 where not given. */
  readonly level?: number;
  /**
   * What outlasts a power failure; what was acknowledged outlasts the process in any case:
   *
   *   never     (default) nothing is promised
   *   rotate    parts that are complete: a final name appears only when all of the part is on the disk
   *   interval  the same, and what is acknowledged: it counts once it is on the disk, every `flushAfterMs`
   *   batch     the same, at once: each batch is on the disk before the next is taken
   */
  readonly fsync?: FsyncPolicy;
  /**
   * What is done when the file system refuses a write (full, read-only, an I/O error, the folder gone) while the run goes on:
   *
   *   stop  (default) the run ends with the error
   *   wait  the lane is held back, and the writer tries again until it can go on: in the same part where all of it is still well, else in a new one
   */
  readonly onError?: OnError;
  /** With `wait`: time between two attempts, ms; 5000 where not given. */
  readonly retryAfterMs?: number;
  /** With `wait`: the run ends with the error all the same once it has waited so long in one go, ms; no limit where not given. */
  readonly giveUpAfterMs?: number;
}

/** The settings with their defaults: `Infinity` where there is no limit. */
export interface FileSettings {
  readonly flushAfterMs: number;
  readonly rotateBytes: number;
  readonly rotateAfterMs: number;
  readonly keep: Keep;
  readonly compress: Compression | undefined;
  readonly fsync: FsyncPolicy;
  readonly onError: OnError;
  readonly retryAfterMs: number;
  readonly giveUpAfterMs: number;
}

const FLUSH_AFTER_MS = 1000;
/** Where nothing else is said. */
export const RETRY_AFTER_MS: number = 5000;
const ON_ERROR: readonly OnError[] = ['stop', 'wait'];
const POLICIES: readonly FsyncPolicy[] = ['never', 'rotate', 'interval', 'batch'];
/** A timer of Node cannot wait longer. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/** @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_UNKNOWN_NAME */
export function fileSettings(path: string, options: FileOptions): FileSettings {
  const { flushAfterMs = FLUSH_AFTER_MS, fsync = 'never', onError = 'stop' } = options;
  const compress = checkedCompression(options.compress ?? compressionByName(path));
  if (options.level !== undefined) throw levelOfText(options.level);
  if (!POLICIES.includes(fsync)) throw unknownName('fsync policy', fsync, POLICIES);
  if (!ON_ERROR.includes(onError)) throw unknownName('way to take an error', onError, ON_ERROR);
  checkNumber('retryAfterMs', options.retryAfterMs, 1, MAX_DURATION_MS);
  checkNumber('giveUpAfterMs', options.giveUpAfterMs, 1, MAX_DURATION_MS);
  checkNumber('flushAfterMs', flushAfterMs, 0, MAX_DURATION_MS);
  checkNumber('rotateBytes', options.rotateBytes, 1, Number.MAX_SAFE_INTEGER);
  checkNumber('rotateAfterMs', options.rotateAfterMs, 1, MAX_DURATION_MS);
  checkNumber('keepParts', options.keepParts, 1, Number.MAX_SAFE_INTEGER);
  checkNumber('keepBytes', options.keepBytes, 1, Number.MAX_SAFE_INTEGER);
  return {
    flushAfterMs,
    rotateBytes: options.rotateBytes ?? Infinity,
    rotateAfterMs: options.rotateAfterMs ?? Infinity,
    keep: { parts: options.keepParts ?? Infinity, bytes: options.keepBytes ?? Infinity },
    compress,
    fsync,
    onError,
    retryAfterMs: options.retryAfterMs ?? RETRY_AFTER_MS,
    giveUpAfterMs: options.giveUpAfterMs ?? Infinity,
  };
}

function levelOfText(level: number): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    "'level' is of recordings that are compressed with zstd",
    { remedy: "Leave 'level' out", details: { option: 'level', value: level } },
  );
}

/** Whether parts follow one another. */
export function isRotating({ rotateBytes, rotateAfterMs }: FileSettings): boolean {
  return rotateBytes !== Infinity || rotateAfterMs !== Infinity;
}

/** Whether old parts are removed. */
export function isRemoving({ keep }: FileSettings): boolean {
  return keep.parts !== Infinity || keep.bytes !== Infinity;
}

function checkNumber(option: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (value >= min && value <= max)) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `'${option}' of a file is ${value}, expected ${min} to ${max}`,
    { remedy: `Give '${option}' as a number from ${min} to ${max}`, details: { option, value } },
  );
}
