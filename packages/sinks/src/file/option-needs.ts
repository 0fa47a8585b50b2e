import { ConfigError } from '@sockflow/core';

import type { Encoding } from '../encodings/encoding.ts';
import { type FileSettings, isRemoving, isRotating, RETRY_AFTER_MS } from './file-settings.ts';
import { isSpecialPath } from './special-path.ts';

/** A file sink as it would be. */
export interface Wanted {
  readonly path: string;
  readonly encoding: Encoding;
  readonly settings: FileSettings;
  readonly isSeries: boolean;
}

/**
 * Whether options go together with each other, the path and the encoding.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function checkNeeds({ path, encoding, settings, isSeries }: Wanted): void {
  const { compress, fsync } = settings;
  if (isSpecialPath(path)) {
    const isAsked = { rotate: isRotating(settings), compress: compress !== undefined };
    if (isAsked.rotate) throw refused('rotate', `${path} is no file that parts could follow`);
    if (isAsked.compress) throw refused('compress', `${path} is written as it is: pipe it to gzip`);
    if (fsync !== 'never') throw refused('fsync', `${path} is nothing that lies on a disk`);
  }
  checkOnError({ path, settings, isSeries });
  if (isRemoving(settings) && !isSeries) {
    throw refused('keep', `${path} is one file: rotate it, or have {time} or {n} in its name`);
  }
  if (compress !== undefined && encoding.form === 'file') {
    throw refused(
      'compress',
      `a ${encoding.name} has an index that points into it; its blocks can be: recording({ compression: 'zstd' }), or ?compress=zstd where the name ends in .sfrec`,
    );
  }
}

/** In one file what was given up cannot be written anew: behind a gap in compressed bytes nothing fits, and bytes that may not be on the disk are in a part that is left. */
function checkOnError({ path, settings, isSeries }: Omit<Wanted, 'encoding'>): void {
  const { onError, retryAfterMs, giveUpAfterMs, compress, fsync } = settings;
  if (onError === 'stop') {
    if (giveUpAfterMs !== Infinity) throw refused('give-up', 'only on-error=wait waits');
    if (retryAfterMs !== RETRY_AFTER_MS) throw refused('retry', 'only on-error=wait tries again');
    return;
  }
  if (isSpecialPath(path)) throw refused('on-error', `${path} is no file`);
  if (isSeries) return;
  if (compress !== undefined)
    throw refused(
      'on-error',
      `${path} is one compressed file: rotate it, or have {time} in its name`,
    );
  if (fsync === 'interval' || fsync === 'batch')
    throw refused(
      'on-error',
      `${path} is one file that is synced as it is written: rotate it, or have {time} in its name`,
    );
}

function refused(option: string, why: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `'${option}' cannot be: ${why}`, {
    remedy: `Leave '${option}' out, or choose another path or encoding`,
    details: { option },
  });
}
