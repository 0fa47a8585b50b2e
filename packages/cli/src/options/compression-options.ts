import { ConfigError } from '@sockflow/core';
import type { BlockCompression, CompressionOptions } from '@sockflow/source-replay';
import { checkCompression, COMPRESSION_NAMES } from '@sockflow/source-replay/compression';
import { Option } from 'commander';

import { notePlace } from '../terminal/noted-place.ts';
import { parseInteger } from './quantities.ts';

const MAX_LEVEL = 19;

/** What {@link compressionOptions} give. */
export interface CompressionValues {
  readonly compress?: BlockCompression;
  readonly level?: number;
}

/** `--compress` and `--level`: how the blocks of a recording are stored. */
export function compressionOptions(): Option[] {
  return [
    new Option(
      '--compress <how>',
      'compress the blocks of the recording: lz4 is faster, zstd smaller',
    ).choices(COMPRESSION_NAMES),
    new Option(
      '--level <n>',
      `of zstd: 1 (fast) to ${MAX_LEVEL} (small); 3 where not given`,
    ).argParser((text) => parseInteger('--level', text, 1, MAX_LEVEL)),
  ];
}

/**
 * What the options say to a writer of recordings.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION for a level without zstd
 */
export function readCompression({ compress, level }: CompressionValues): CompressionOptions {
  const options = {
    ...(compress === undefined ? {} : { compression: compress }),
    ...(level === undefined ? {} : { level }),
  };
  try {
    checkCompression(options);
  } catch (error) {
    throw notePlace(error, '--level');
  }
  return options;
}

/**
 * Compression asked of an output that is no recording.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function refuseCompression({ compress, level }: CompressionValues, format: string): void {
  if (compress === undefined && level === undefined) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `--compress is of the blocks of recordings, and the output is ${format}`,
    {
      details: { place: compress === undefined ? '--level' : '--compress' },
      remedy: 'Leave it out, or give the output a name that ends in .gz or .zst',
    },
  );
}
