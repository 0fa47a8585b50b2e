import { ConfigError, nearestName } from '@sockflow/core';

import { COMPRESSION_LZ4, COMPRESSION_NONE, COMPRESSION_ZSTD } from '../format/layout.ts';

/** How the blocks of a recording are compressed. */
export type BlockCompression = 'none' | 'lz4' | 'zstd';

/** How blocks are compressed, and how hard. */
export interface CompressionOptions {
  /** `none` where not given. */
  readonly compression?: BlockCompression;
  /** Of zstd: 1 (fast) to 19 (small), 3 where not given. */
  readonly level?: number;
}

/** The options with their defaults. */
export interface CheckedCompression {
  readonly compression: BlockCompression;
  readonly level: number;
}

/** The names and the numbers that a block's header has for them. */
export const COMPRESSION_NUMBERS: Readonly<Record<BlockCompression, number>> = {
  none: COMPRESSION_NONE,
  lz4: COMPRESSION_LZ4,
  zstd: COMPRESSION_ZSTD,
};
/** The names of all compressions, by their numbers. */
export const COMPRESSION_NAMES: readonly BlockCompression[] = ['none', 'lz4', 'zstd'];

const DEFAULT_LEVEL = 3;
/** Above it zstd takes windows of more than {@link MAX_WINDOW_BYTES}, and time, for less than 1 % of size. */
const MAX_LEVEL = 19;

/** @throws ERR_SOCKFLOW_UNKNOWN_NAME, ERR_SOCKFLOW_INVALID_OPTION */
export function checkCompression(options: CompressionOptions): CheckedCompression {
  const { compression = 'none', level } = options;
  if (!COMPRESSION_NAMES.includes(compression)) throw unknownCompression(compression);
  if (level === undefined) return { compression, level: DEFAULT_LEVEL };
  if (compression !== 'zstd') {
    throw badLevel(level, `'level' is of zstd, and the compression is ${compression}`, [
      'Leave it out, or compress with zstd',
    ]);
  }
  if (!Number.isInteger(level) || level < 1 || level > MAX_LEVEL) {
    throw badLevel(level, `'level' is ${level}, expected 1 to ${MAX_LEVEL}`, [
      `Give 'level' as 1 (fast) to ${MAX_LEVEL} (small)`,
    ]);
  }
  return { compression, level };
}

/** Whether a block's header may have this number. */
export function isKnownCompression(number: number): boolean {
  return number === COMPRESSION_NONE || number === COMPRESSION_LZ4 || number === COMPRESSION_ZSTD;
}

function badLevel(level: number, message: string, [remedy = '']: readonly string[]): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `recording: ${message}`, {
    details: { option: 'level', value: level },
    remedy,
  });
}

function unknownCompression(typed: string): ConfigError {
  const nearest = nearestName(typed, COMPRESSION_NAMES);
  const known = COMPRESSION_NAMES.join(', ');
  return new ConfigError(
    'ERR_SOCKFLOW_UNKNOWN_NAME',
    `unknown compression of a recording '${typed}'`,
    {
      details: { name: typed, nearest, known: COMPRESSION_NAMES },
      remedy:
        nearest === undefined
          ? `Use one of ${known}`
          : `Did you mean '${nearest}'? There are ${known}`,
    },
  );
}
