import { ConfigError } from '@sockflow/core';

const KIB = 1024;
const MIB = 1024 * KIB;
const DEFAULT_MAX_BYTES = 1024 * MIB;
const DEFAULT_KEEP_BYTES = 32 * MIB;
const DEFAULT_LAG_MS = 1000;
const DEFAULT_SYNC_MS = 100;
const DEFAULT_CLOSE_MS = 5000;
const MIN_MAX_BYTES = MIB;
const MAX_MAX_BYTES = 2 ** 50;
const MAX_SEGMENT_BYTES = 16 * MIB;
const MIN_SEGMENT_BYTES = 256 * KIB;
const MAX_MS = 2 ** 31 - 1;

/** What happens when the spool holds as much as it may. */
export type OnSpoolFull = 'wait' | 'fail';

/** Settings of {@link spool}. */
export interface SpoolOptions {
  /** A folder of this sink's own, made where it is not there. */
  readonly directory: string;
  /** What may lie there, over all lanes; 1 GiB where not given. */
  readonly maxBytes?: number;
  /** With a full spool, or a full disk: `wait` (default) holds the lanes back as if there were no spool, `fail` ends the run. Both with ERR_SOCKFLOW_SPOOL_FULL. */
  readonly onFull?: OnSpoolFull;
  /** Copies in memory of what the sink was given and has not acknowledged, over all lanes; 32 MiB where not given. What is more goes to disk. */
  readonly keepBytes?: number;
  /**
   * How long a lane is held back, and how long the sink may acknowledge nothing, before all goes to disk, ms; 1000 where not given. With 0 a sink that is merely slower than its source
   * holds nothing back either.
   */
  readonly lagAfterMs?: number;
  /** What is written to disk is on it, and acknowledged, after so long, ms; 100 where not given. */
  readonly syncAfterMs?: number;
  /** At the end of a run: how long the sink may acknowledge nothing before what it has not taken is left for the next one, ms; 5000 where not given. */
  readonly closeAfterMs?: number;
  /** Errors of the sink, besides those known, that no second try mends: they end the run. */
  readonly isRefusal?: (error: unknown) => boolean;
}

/** The same, checked, for one of so many lanes. */
export interface LaneSpoolSettings {
  readonly directory: string;
  readonly maxBytes: number;
  readonly onFull: OnSpoolFull;
  readonly keepBytes: number;
  readonly segmentBytes: number;
  readonly lagAfterMs: number;
  readonly syncAfterMs: number;
  readonly closeAfterMs: number;
  readonly isRefusal: (error: unknown) => boolean;
}

/** @throws ERR_SOCKFLOW_INVALID_OPTION */
export function spoolSettings(options: SpoolOptions): LaneSpoolSettings {
  const {
    directory,
    maxBytes = DEFAULT_MAX_BYTES,
    onFull = 'wait',
    keepBytes = DEFAULT_KEEP_BYTES,
    lagAfterMs = DEFAULT_LAG_MS,
    syncAfterMs = DEFAULT_SYNC_MS,
    closeAfterMs = DEFAULT_CLOSE_MS,
    isRefusal = () => false,
  } = options;
  if (typeof directory !== 'string' || directory === '')
    throw wrong('directory', directory, 'the path of a folder');
  if (onFull !== 'wait' && onFull !== 'fail') throw wrong('onFull', onFull, "'wait' or 'fail'");
  checkNumber('maxBytes', maxBytes, MIN_MAX_BYTES, MAX_MAX_BYTES);
  checkNumber('keepBytes', keepBytes, 0, MAX_MAX_BYTES);
  checkNumber('lagAfterMs', lagAfterMs, 0, MAX_MS);
  checkNumber('syncAfterMs', syncAfterMs, 0, MAX_MS);
  checkNumber('closeAfterMs', closeAfterMs, 0, MAX_MS);
  return {
    directory,
    maxBytes,
    onFull,
    keepBytes,
    segmentBytes: MAX_SEGMENT_BYTES,
    lagAfterMs,
    syncAfterMs,
    closeAfterMs,
    isRefusal,
  };
}

/** A lane's share. */
export function shareOf(settings: LaneSpoolSettings, lanes: number): LaneSpoolSettings {
  const maxBytes = Math.floor(settings.maxBytes / lanes);
  const segmentBytes = Math.max(MIN_SEGMENT_BYTES, Math.min(MAX_SEGMENT_BYTES, maxBytes / 4));
  return { ...settings, maxBytes, keepBytes: settings.keepBytes / lanes, segmentBytes };
}

function checkNumber(option: string, value: unknown, min: number, max: number): void {
  if (typeof value === 'number' && value >= min && value <= max) return;
  throw wrong(option, value, `a number from ${min} to ${max}`);
}

function wrong(option: string, value: unknown, expected: string): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `spool: '${option}' is ${String(value)}, expected ${expected}`,
    { remedy: `Give '${option}' as ${expected}`, details: { option, value } },
  );
}
