import { ConfigError } from '@sockflow/core';

import type { Encoding } from '../encodings/encoding.ts';
import { type FileSettings, isRemoving, isRotating } from './file-settings.ts';
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

function refused(option: string, why: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `'${option}' cannot be: ${why}`, {
    remedy: `Leave '${option}' out, or choose another path or encoding`,
    details: { option },
  });
}
