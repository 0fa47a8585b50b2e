import type { BlockCompression } from '@sockflow/source-replay';

import { encodingByExtension } from '../encodings/find-encoding.ts';
import { recording } from '../encodings/recording/recording.ts';
import type { FileOptions } from './file-settings.ts';

/**
 * The options of a file, with `compress` and `level` of a recording made its encoding's: its blocks are compressed, and the file has its index all the same.
 *
 * @throws ERR_SOCKFLOW_UNKNOWN_NAME, ERR_SOCKFLOW_INVALID_OPTION
 */
export function withBlockCompression(path: string, options: FileOptions): FileOptions {
  const { compress, level, ...others } = options;
  if (compress === undefined && level === undefined) return options;
  if ((options.encoding ?? encodingByExtension(path)) !== 'recording') return options;
  const encoding = recording({
    ...(compress === undefined ? {} : { compression: compress as BlockCompression }),
    ...(level === undefined ? {} : { level }),
  });
  return { ...others, encoding };
}
